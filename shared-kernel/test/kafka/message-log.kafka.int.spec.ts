import { describeMessageLog } from '@library/shared-kernel/testing/message-log.contract';
import { describeWithKafka, KafkaLogs } from './brokers';

jest.setTimeout(60_000);

describeWithKafka('Kafka', () => {
  describeMessageLog(
    'KafkaMessageLog',
    async () => {
      const logs = new KafkaLogs();
      let log = logs.open();
      return {
        log,
        createTopics: async (names, partitions) => log.createTopics(names, partitions, 1),
        restart: async () => {
          await log.close();
          return (log = logs.open());
        },
        kill: async () => {
          log.abandon();
          return (log = logs.open());
        },
        close: () => logs.close(),
      };
    },
    40_000,
  );
});
