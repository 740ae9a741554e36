import { Databases, describeWithMongo } from '@library/shared-kernel/testing/mongo-databases';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { MongoMemberList } from '../../../src/adapters/out/mongo/member-list.mongo';
import { memberKind } from '../../../src/application/member-kind';
import { describeMemberList } from './member-list.contract';

describeWithMongo('MongoDB', (url) => {
  describeMemberList('MongoDB', async () => {
    const databases = new Databases(url);
    const database = databases.open({ clock: new SystemClock() });
    const members = database.records(memberKind, { indexes: [['no']] });
    await database.start();
    return { members, list: new MongoMemberList(database), close: () => databases.remove() };
  });
});
