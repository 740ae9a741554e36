import { SAGA_TOPICS } from '@library/shared-kernel/contracts/topics';
import type { LogMessage, Publication } from '@library/shared-kernel/messaging/message-log';
import type { Position } from '@library/shared-kernel/testing/message-log.memory';
import type { Commit } from '../world/commit';
import type { Judge } from './judge';

type Place = Pick<LogMessage, 'topic' | 'partition' | 'offset'>;

const place = (group: string, { topic, partition, offset }: Place) => `${group} ${topic} ${partition} ${offset}`;

/** Looks at what goes into the log, and at what comes out of it. */
export class LogWatch {
  private readonly committed = new Set<string>();
  private readonly accountedFor = new Set<string>();
  private readonly positions = new Map<string, number>();

  constructor(
    private readonly judge: Judge,
    /** What the members are called, which no header says. */
    private readonly isPersonal: (text: string) => boolean,
    private readonly isCall: (correlation: string) => boolean,
  ) {}

  see(commit: Commit): void {
    for (const { topic, id } of commit.says) this.committed.add(`${topic} ${id}`);
  }

  publishes(messages: readonly Publication[]): void {
    const { judge } = this;
    for (const { topic, headers } of messages) {
      const { ce_id: id, ce_correlationid: correlation = '' } = headers;
      judge.holds(
        'G8',
        this.committed.has(`${topic} ${id}`),
        () => `${id} goes into ${topic}, and was in no committed outbox.`,
      );
      judge.holds(
        'G18',
        this.isCall(correlation),
        () => `${id} belongs to ${correlation}, which nobody has asked for.`,
      );
      judge.holds('G21', !Object.values(headers).some(this.isPersonal), () => `The headers of ${id} name a member.`);
    }
  }

  /** It was handled, or a fault has taken it away. */
  accounts(group: string, messages: readonly Place[]): void {
    for (const message of messages) this.accountedFor.add(place(group, message));
  }

  passed({ group, topic, partition, offset }: Position): void {
    if (!SAGA_TOPICS.includes(topic)) return;
    const lane = `${group} ${topic} ${partition}`;
    for (let each = this.positions.get(lane) ?? 0; each < offset; each++) {
      const isAccountedFor = this.accountedFor.delete(place(group, { topic, partition, offset: each }));
      this.judge.holds(
        'G17',
        isAccountedFor,
        () => `${group} has passed message ${each} of ${topic}/${partition}, and has not handled it.`,
      );
    }
    this.positions.set(lane, offset);
  }
}
