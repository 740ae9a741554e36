import { runService } from '@library/shared-kernel/distributed/run-service';
import { mongoMemberStores } from './adapters/out/mongo/member-stores.mongo';
import { MEMBER_SERVICE, composeMember } from './composition-root';

/** The member service as a process of its own, on Kafka and MongoDB. */
void runService(
  {
    name: MEMBER_SERVICE,
    speaker: 'member',
    port: 8083,
    compose: (world, database) => composeMember(world, mongoMemberStores(database)),
  },
  process.env,
);
