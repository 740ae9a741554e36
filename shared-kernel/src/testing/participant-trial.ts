import type { BodyOf } from '../contracts/event-contract';
import type { SagaEventContract } from '../contracts/events';
import type { SagaId } from '../domain/identifiers';
import type { OutgoingMessage } from '../messaging/event-message';
import { isLater, type Outcome } from '../messaging/reaction';
import { Outbox } from '../outbox/outbox';
import { Answering } from '../participant/answering';
import { ForgetFences } from '../participant/forget-fences';
import type { FencedRecord, Participant } from '../participant/participant';
import { DEFAULT_TIMING } from '../saga/timing';
import { Entries, type KeptEntry } from '../store/entries';
import type { Archive, Decide, ExpiredEntries, RecordKind, Records } from '../store/records';

const DAY_MS = 86_400_000;

/** What became of a message, and what was answered to it; nothing while the participant is silent. */
export interface Reply {
  readonly outcome: Outcome;
  /** `ok`, or the code of the refusal. */
  readonly said: string | undefined;
  readonly message: OutgoingMessage | undefined;
}

interface Stored {
  readonly body: unknown;
  readonly entries: ReadonlyMap<string, KeptEntry>;
}

/**
 * A participant's table on trial: it is told one message after the other and answers with the mechanism that it runs on,
 * over records in memory. What it answers counts as published, and what leaves a record is in the archive, at once.
 */
export class ParticipantTrial<Living extends FencedRecord> {
  now = Date.parse('2026-01-15T03:00:00Z');
  private readonly clock = { now: () => this.now, after: () => () => undefined };
  private readonly answering: Answering<Living>;
  private readonly stored = new Map<string, Stored>();
  private readonly archived = new Map<string, unknown>();

  constructor(
    private readonly kind: RecordKind<Living>,
    participantOn: (archive: Archive) => Participant<Living>,
    answers?: () => boolean,
  ) {
    this.answering = new Answering(participantOn(this.archive()), this.clock, DEFAULT_TIMING, answers);
  }

  /** Of the topics in which it has a part. */
  get topics(): readonly string[] {
    return this.answering.topics;
  }

  /** Of one kind, in the order in which they left their records. */
  archivedOf(kind: string): readonly unknown[] {
    return [...this.archived].filter(([place]) => place.startsWith(`${kind}/`)).map(([, document]) => document);
  }

  /** Tells it a message of the saga, which was announced at `announcedAt`: now, unless something else is said. */
  async tell<Contract extends SagaEventContract>(
    contract: Contract,
    saga: SagaId,
    body: BodyOf<Contract>,
    announcedAt = this.now,
  ): Promise<Reply> {
    const message = {
      id: `${saga}:rental:${contract.direction}`,
      topic: contract.topic,
      body,
      time: contract.direction === 'do' ? announcedAt : this.now,
      saga,
      correlation: 'a-request',
      announced: announcedAt,
      ...(contract.direction === 'do' ? { expires: announcedAt + DEFAULT_TIMING.expiresAfterMs } : {}),
    };

    let published: readonly OutgoingMessage[] = [];
    for (let reaction = this.answering.react(message); reaction;) {
      const asked = reaction;
      const outcome = await this.change(asked.record, asked.about, (living) => {
        const decided = asked.decide(living);
        published = living.outbox.waiting;
        return decided;
      });
      if (!isLater(outcome)) return { outcome, ...spoken(published) };
      reaction = await outcome.lookUp();
    }
    throw new Error(`${contract.type} does not concern this participant.`);
  }

  /** So many days pass, and fences whose time has come are forgotten. */
  async pass(days: number): Promise<void> {
    this.now += days * DAY_MS;
    await new ForgetFences(this as unknown as Records<FencedRecord>, this.clock).execute();
  }

  async change<Answer>(id: string, about: readonly string[], decide: Decide<Living, Answer>): Promise<Answer> {
    const { body, entries } = this.stored.get(id) ?? { body: undefined, entries: new Map<string, KeptEntry>() };
    const outbox = new Outbox();
    const touched = new Entries<unknown>(new Set(about), entries);
    const record = this.kind.open(id, body, outbox, touched);

    const answer = decide(record) as Answer;

    const left = new Map(entries);
    for (const [key, kept] of touched.changes) {
      if (kept) left.set(key, kept);
      else left.delete(key);
    }
    this.stored.set(id, { body: asStored(this.kind.bodyOf(record)), entries: left });
    for (const { kind, id: place, document } of outbox.leaving)
      this.archived.set(`${kind}/${place}`, asStored(document));
    return answer;
  }

  async read(id: string, about: readonly string[] = []): Promise<Living | undefined> {
    const stored = this.stored.get(id);
    return stored && this.kind.open(id, stored.body, new Outbox(), new Entries(new Set(about), stored.entries));
  }

  async findExpiredEntries(now: number, limit: number): Promise<readonly ExpiredEntries[]> {
    return [...this.stored]
      .map(([id, { entries }]) => ({
        id,
        keys: [...entries].filter(([, { until }]) => until !== undefined && until <= now).map(([key]) => key),
      }))
      .filter(({ keys }) => keys.length > 0)
      .slice(0, limit);
  }

  private archive(): Archive {
    return {
      find: async (kind, id) => this.archived.get(`${kind}/${id}`),
      list: async (kind) => this.archivedOf(kind),
      listAll: () => Promise.reject(new Error('No participant asks for everybody’s documents.')),
    };
  }
}

function spoken(published: readonly OutgoingMessage[]): Omit<Reply, 'outcome'> {
  if (published.length > 1) throw new Error('A message is answered once.');
  const [message] = published;
  const result = message?.body as { success: boolean; reason?: string } | undefined;
  return { said: result && (result.success ? 'ok' : result.reason), message };
}

/** As a store gives it back: nothing survives that JSON does not know. */
function asStored(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
