import type { OutgoingMessage } from '../messaging/event-message';

/** What has finished and never changes again; it goes into the collection `kind`, once per `id`. */
export interface ArchiveEntry {
  readonly kind: string;
  readonly id: string;
  readonly document: unknown;
}

/** A message as it was published: what the sender may learn from that before the message is dropped. */
export interface PublishedCopy {
  readonly id: string;
  readonly expires?: number;
}

/** As many messages may wait in one record; beyond it, new work is refused while answers and undoing go on. */
export const OUTBOX_LIMIT = 200;

/** What a record still has to tell the world. It is written with the record, and only it talks to the outside. */
export class Outbox {
  private messages: readonly OutgoingMessage[];
  /** How many of the messages, from the first, waited before this change. */
  private waitedBefore: number;
  private archives: readonly ArchiveEntry[];

  constructor(messages: readonly OutgoingMessage[] = [], archives: readonly ArchiveEntry[] = []) {
    this.messages = messages;
    this.waitedBefore = messages.length;
    this.archives = archives;
  }

  /** In the order in which they were added; a topic's are published in it. */
  get waiting(): readonly OutgoingMessage[] {
    return this.messages;
  }

  get leaving(): readonly ArchiveEntry[] {
    return this.archives;
  }

  /** What this change itself adds does not count: a batch that is larger than the limit could never be stored. */
  get full(): boolean {
    return this.waitedBefore >= OUTBOX_LIMIT;
  }

  has(id: string): boolean {
    return this.messages.some((message) => message.id === id);
  }

  /** A message that still waits is not added a second time. */
  add(...messages: readonly OutgoingMessage[]): void {
    const fresh = messages.filter((message) => !this.has(message.id));
    if (fresh.length > 0) this.messages = [...this.messages, ...fresh];
  }

  /** Forgets messages: they are published, or must not be any more. */
  drop(ids: ReadonlySet<string>): void {
    const left = this.messages.filter((message) => !ids.has(message.id));
    if (left.length === this.messages.length) return;
    this.waitedBefore = this.messages.slice(0, this.waitedBefore).filter((message) => !ids.has(message.id)).length;
    this.messages = left;
  }

  archive(...entries: readonly ArchiveEntry[]): void {
    this.archives = [...this.archives, ...entries];
  }
}
