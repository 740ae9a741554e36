import type { RecordKind } from '@library/shared-kernel/store/records';
import { MemberRecord } from './member-record';
import type { StoredMember } from './member-record';

/** How members are stored; a record that holds only fences has no number to be listed by. */
export const memberKind = {
  name: 'members',
  open: (_id, body, outbox, entries) => new MemberRecord(body as StoredMember | undefined, outbox, entries),
  bodyOf: (record) => record.body(),
  columns: { no: 'integer' },
  columnsOf: ({ member }) => ({ no: member?.snapshot().no }),
} as const satisfies RecordKind<MemberRecord>;
