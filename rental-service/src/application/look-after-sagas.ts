import type { Hearing } from '@library/shared-kernel/messaging/hearing';
import type { SagaTiming } from '@library/shared-kernel/saga/timing';
import { Fault } from '@library/shared-kernel/store/fault';
import type { Clock } from '@library/shared-kernel/time/clock';
import type { Orchestrator } from './orchestrator';
import type { RentalCards } from './ports';

const CARDS_AT_ONCE = 200;

/** Looks for sagas that are due, whoever began them: it asks again, gives up, insists and calls for help. */
export class LookAfterSagas {
  /** How many cards stay due, because nobody here can look after them: they come first and must not crowd the others out. */
  private stuck = 0;

  constructor(
    private readonly cards: RentalCards,
    private readonly orchestrator: Orchestrator,
    private readonly hearing: Pick<Hearing, 'listen'>,
    private readonly clock: Clock,
    private readonly timing: SagaTiming,
  ) {}

  /** Answers how many records were due. One that fails does not keep the others waiting. */
  async execute(): Promise<number> {
    await this.hearing.listen();
    const now = this.clock.now();
    const due = await this.cards.findDue(now, now + this.timing.longestWaitMs, CARDS_AT_ONCE + this.stuck);
    const looked = await Promise.allSettled(
      due.map((member) => this.cards.change(member, [], (record) => this.orchestrator.lookAfter(record))),
    );
    this.stuck = looked.filter(isStuck).length;

    const failed = looked.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return due.length;
  }
}

/** A fault of the world passes, and then they all get on. */
function isStuck(looked: PromiseSettledResult<boolean>): boolean {
  return looked.status === 'fulfilled' ? !looked.value : !(looked.reason instanceof Fault);
}
