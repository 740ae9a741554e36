import type { ServiceDatabase } from '@library/shared-kernel/mongodb/service-database';
import { memberKind } from '../../../application/member-kind';
import type { MemberStores } from '../../../application/ports';
import { MongoMemberList } from './member-list.mongo';

/** All that the member service keeps, in a MongoDB database. */
export function mongoMemberStores(database: ServiceDatabase): MemberStores {
  return {
    members: database.records(memberKind, { indexes: [['no']] }),
    list: new MongoMemberList(database),
    ledger: database.archive,
    numbers: database.numbers('member'),
  };
}
