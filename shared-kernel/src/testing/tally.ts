import type { OutgoingMessage } from '../messaging/event-message';
import type { Outbox, PublishedCopy } from '../outbox/outbox';
import { sagaId } from '../domain/identifiers';
import type { Entries } from '../store/entries';
import type { LivingRecord, RecordKind } from '../store/records';

interface TallyState {
  readonly count: number;
  /** Whatever somebody wrote on it. */
  readonly notes: readonly unknown[];
  readonly nicknames: readonly string[];
  readonly due?: number;
  readonly colour?: string;
}

const EMPTY: TallyState = { count: 0, notes: [], nicknames: [] };

/** A record with everything that a record can have, and no business. */
export class Tally implements LivingRecord {
  private state: TallyState;

  constructor(
    stored: unknown,
    readonly outbox: Outbox,
    readonly entries: Entries<unknown>,
  ) {
    this.state = (stored as TallyState | undefined) ?? EMPTY;
  }

  get count(): number {
    return this.state.count;
  }

  get notes(): readonly unknown[] {
    return this.state.notes;
  }

  /** Answers the new count. */
  add(): number {
    this.state = { ...this.state, count: this.state.count + 1 };
    return this.state.count;
  }

  note(text: unknown): void {
    this.state = { ...this.state, notes: [...this.state.notes, text] };
  }

  nickname(...nicknames: readonly string[]): void {
    this.state = { ...this.state, nicknames };
  }

  dueAt(due: number | undefined): void {
    const { due: _before, ...others } = this.state;
    this.state = due === undefined ? others : { ...others, due };
  }

  paint(colour: string | undefined): void {
    const { colour: _before, ...others } = this.state;
    this.state = colour === undefined ? others : { ...others, colour };
  }

  published(copies: readonly PublishedCopy[]): void {
    this.outbox.drop(new Set(copies.map(({ id }) => id)));
  }

  body(): TallyState {
    return this.state;
  }
}

export const tallies: RecordKind<Tally> = {
  name: 'tallies',
  open: (_id, body, outbox, entries) => new Tally(body, outbox, entries),
  bodyOf: (tally) => tally.body(),
  dueAt: (tally) => tally.body().due,
  aliases: (tally) => tally.body().nicknames,
  columns: { count: 'integer', colour: 'text' },
  columnsOf: (tally) => ({ count: tally.count, colour: tally.body().colour }),
};

/** A message with every field that a message can have. */
export function messageOf(id: string): OutgoingMessage {
  return {
    id,
    topic: 'tally_changed',
    body: { text: `제니's "${id}"`, nothing: null, list: [1, 2.5] },
    time: 1_700_000_000_000,
    saga: sagaId(`saga of ${id}`),
    correlation: 'c-1',
    causation: 'd-1',
    awaits: ['book', 'member'],
    expires: 1_700_000_120_000,
    announced: 1_699_999_999_999,
    participant: 'book',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    expiresAfterMs: 120_000,
  };
}
