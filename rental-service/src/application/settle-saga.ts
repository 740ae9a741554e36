import type { ParticipantName } from '@library/shared-kernel/contracts/event-contract';
import type { SagaId } from '@library/shared-kernel/domain/identifiers';
import type { Outcome } from '@library/shared-kernel/messaging/reaction';
import type { Orchestrator } from './orchestrator';
import type { RentalCards } from './ports';

/** Records that a person has seen to a participant's part by hand, which then counts as its answer. */
export class SettleSaga {
  constructor(
    private readonly cards: RentalCards,
    private readonly orchestrator: Orchestrator,
  ) {}

  /** `late` when that participant's answer is not waited for; undefined when no such saga is in flight. */
  async execute(
    id: SagaId,
    participant: ParticipantName,
    by: { readonly actor: string; readonly reason: string },
  ): Promise<Outcome | undefined> {
    const member = await this.cards.findByAlias(id);
    if (member === undefined) return undefined;
    return this.cards.change<Outcome | undefined>(
      member,
      [],
      (record) => record.saga(id) && this.orchestrator.settled(record, id, participant, by),
    );
  }
}
