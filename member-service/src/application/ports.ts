import type { Archive, Numbers, Records } from '@library/shared-kernel/store/records';
import type { MemberState } from '../domain/member';
import type { MemberRecord } from './member-record';

/** The members, each with the fences and the outbox; the id of a record is the member's id. */
export type Members = Records<MemberRecord>;

/** The registered members as a list, which may be a moment behind the records. */
export interface MemberList {
  /** By id, those after `after`; at most `limit`. */
  list(page: { readonly limit: number; readonly after?: string }): Promise<readonly MemberState[]>;
  /** The member with this number, as the original system's users know members. */
  findByNumber(no: number): Promise<MemberState | undefined>;
}

/** Makes ids of ledger entries that nobody else makes. */
export interface AdjustmentIds {
  next(): string;
}

/** Everything that the service keeps. */
export interface MemberStores {
  readonly members: Members;
  readonly list: MemberList;
  readonly ledger: Archive;
  readonly numbers: Numbers;
}
