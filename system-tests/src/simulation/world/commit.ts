import type { OutgoingMessage } from '@library/shared-kernel/messaging/event-message';
import type { ArchiveEntry } from '@library/shared-kernel/outbox/outbox';
import type { Stored } from '@library/shared-kernel/testing/records.memory';

/** An entry that a commit wrote: as it was, and as it is. */
interface WrittenEntry {
  readonly key: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** Until when it is kept; absent when it is kept for good, or is gone. */
  readonly until: number | undefined;
}

/** One atomic write, as it was stored. */
export class Commit {
  private said: readonly OutgoingMessage[] | undefined;

  constructor(
    readonly id: string,
    readonly before: Stored | undefined,
    readonly after: Stored,
    readonly entries: readonly WrittenEntry[],
  ) {}

  /** The messages that it has put into the outbox. */
  get says(): readonly OutgoingMessage[] {
    return (this.said ??= added(this.before?.waiting, this.after.waiting).map(messageIn));
  }

  /** What it has sent on its way to the archive. */
  get archives(): readonly ArchiveEntry[] {
    return added(this.before?.leaving, this.after.leaving).map((text) => JSON.parse(text) as ArchiveEntry);
  }

  /** Whether this message waits in the outbox now. */
  keepsSaying(messageId: string): boolean {
    return this.after.waiting.some((text) => messageIn(text).id === messageId);
  }

  /** Whether some message of this saga waits in the outbox now. */
  speaksOf(saga: string): boolean {
    return this.after.waiting.some((text) => messageIn(text).saga === saga);
  }
}

function messageIn(text: string): OutgoingMessage {
  return (JSON.parse(text) as { readonly message: OutgoingMessage }).message;
}

function added(before: readonly string[] = [], after: readonly string[]): readonly string[] {
  if (after.length === 0) return after;
  const known = new Set(before);
  return after.filter((text) => !known.has(text));
}
