import type { ParticipantName } from '@library/shared-kernel/contracts/event-contract';
import type { Fence } from '@library/shared-kernel/participant/fence';
import type { Saga } from '@library/shared-kernel/saga/saga';
import type { Logger } from '@library/shared-kernel/service/logger';
import type { Role } from '../world/roles';
import type { Commit } from '../world/commit';
import { CardWatch } from './card-watch';
import type { Judge } from './judge';
import { LogWatch } from './log-watch';
import { ParticipantWatch } from './participant-watch';

/** What looks on while it happens. */
export class Invariants {
  readonly log: LogWatch;
  readonly logger: Logger;
  private readonly cards: CardWatch;
  private readonly participants: ParticipantWatch;

  constructor(
    judge: Judge,
    fenceOf: (participant: ParticipantName, saga: Saga) => Fence | undefined,
    isPersonal: (text: string) => boolean,
    isCall: (correlation: string) => boolean,
  ) {
    this.log = new LogWatch(judge, isPersonal, isCall);
    this.cards = new CardWatch(judge, fenceOf);
    this.participants = new ParticipantWatch(judge);
    const logs = (fields: object, message: string) =>
      judge.holds(
        'G21',
        !isPersonal(`${JSON.stringify(fields)} ${message}`),
        () => `A log line names a member: ${message}`,
      );
    this.logger = { info: logs, warn: logs, error: logs };
  }

  committed(role: Role, commit: Commit): void {
    this.log.see(commit);
    if (role === 'rental') this.cards.see(commit);
    else this.participants.see(role, commit);
  }
}
