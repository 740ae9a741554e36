import type { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import { memberKind } from '../../../application/member-kind';
import type { MemberStores } from '../../../application/ports';
import { EmbeddedMemberList } from './member-list.embedded';

/** All that the member service keeps, in one file on the local disk. */
export function embeddedMemberStores(file: ServiceFile): MemberStores {
  return {
    members: file.records(memberKind, { indexes: [['no']] }),
    list: new EmbeddedMemberList(file),
    ledger: file.archive,
    numbers: file.numbers('member'),
  };
}
