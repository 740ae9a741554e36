import type { Program } from '@library/shared-kernel/distributed/service-process';
import { mongoMemberStores } from './adapters/out/mongo/member-stores.mongo';
import { MEMBER_SERVICE, composeMember } from './composition-root';

/** The member service, for a process that has Kafka and MongoDB. */
export const memberProgram: Program = {
  name: MEMBER_SERVICE,
  speaker: 'member',
  port: 8083,
  compose: (world, database) => composeMember(world, mongoMemberStores(database)),
};
