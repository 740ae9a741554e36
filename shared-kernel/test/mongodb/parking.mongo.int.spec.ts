import type { MessageLog } from '../../src/messaging/message-log';
import { describeParking } from '../../src/testing/parking.contract';
import { MemoryBroker } from '../../src/testing/message-log.memory';
import { SystemClock } from '../../src/time/system-clock';
import { Databases, describeWithMongo } from '../../src/testing/mongo-databases';

describeWithMongo('MongoDB', (url) => {
  describeParking('MongoParking', async () => {
    const databases = new Databases(url);
    const broker = new MemoryBroker(new SystemClock());
    const log = broker.client();
    const creating: Pick<MessageLog, 'publish'> = {
      publish: async (messages) => {
        broker.createTopics(
          messages.map(({ topic }) => topic),
          1,
        );
        await log.publish(messages);
      },
    };
    const opened = async () => {
      const database = databases.open({ clock: new SystemClock() });
      const parking = database.parking(creating);
      await database.start();
      return { parking, log };
    };
    return { ...(await opened()), restart: opened, close: () => databases.remove() };
  });
});
