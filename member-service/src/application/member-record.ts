import { Fences } from '@library/shared-kernel/participant/fence';
import type { Fence } from '@library/shared-kernel/participant/fence';
import type { FencedRecord } from '@library/shared-kernel/participant/participant';
import type { Outbox, PublishedCopy } from '@library/shared-kernel/outbox/outbox';
import type { Entries } from '@library/shared-kernel/store/entries';
import type { LedgerEntry } from '../domain/ledger-entry';
import { Member } from '../domain/member';
import type { MemberState } from '../domain/member';

/** What is stored of a member, beside the fences and the outbox. */
export interface StoredMember {
  /** Absent in a record that holds only fences: a saga named somebody who was never registered. */
  readonly member?: MemberState;
  readonly newestForgotten?: number;
}

/** A ledger entry and when it was written, in milliseconds since the epoch. */
export type DatedEntry = LedgerEntry & { readonly at: number };

const NOTHING_STORED: StoredMember = {};

/** A member, with what is remembered of the sagas that moved points; ledger entries leave for the archive. */
export class MemberRecord implements FencedRecord {
  readonly fences: Fences;
  private readonly before: StoredMember;
  private registered: Member | undefined;

  constructor(
    stored: StoredMember | undefined,
    readonly outbox: Outbox,
    readonly entries: Entries<unknown>,
  ) {
    this.before = stored ?? NOTHING_STORED;
    this.registered = this.before.member && new Member(this.before.member);
    this.fences = new Fences(entries as Entries<Fence>, this.before.newestForgotten);
  }

  get member(): Member | undefined {
    return this.registered;
  }

  register(member: Member): void {
    this.registered = member;
  }

  write(entry: LedgerEntry, at: number): void {
    this.outbox.archive({ kind: 'ledger', id: entry.id, document: { ...entry, at } satisfies DatedEntry });
  }

  published(copies: readonly PublishedCopy[]): void {
    this.outbox.drop(new Set(copies.map(({ id }) => id)));
  }

  /** The identical value when nothing changed. */
  body(): StoredMember {
    const member = this.registered?.snapshot();
    const newestForgotten = this.fences.newestForgotten;
    const { before } = this;
    if (member === before.member && newestForgotten === before.newestForgotten) return before;
    return { ...(member ? { member } : {}), ...(newestForgotten === undefined ? {} : { newestForgotten }) };
  }
}
