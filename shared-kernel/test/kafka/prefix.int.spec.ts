import { makingTopics } from '../../src/distributed/parked-topics';
import type { KafkaMessageLog } from '../../src/kafka/message-log.kafka';
import { describeWithKafka, KafkaLogs, publication, textOf, unique, until } from './brokers';

const TOPIC = 'rental_rent';
const GROUP = 'book-service';

jest.setTimeout(60_000);

const listen = async (log: KafkaMessageLog) => {
  const heard: string[] = [];
  await log.consume({ group: GROUP, topics: [TOPIC], from: 'earliest', batchSize: 10 }, async (batch) => {
    heard.push(...batch.map((message) => `${message.topic} ${textOf(message)}`));
  });
  return heard;
};

describeWithKafka('two libraries on the same brokers', () => {
  let logs: KafkaLogs;
  let prefix: string;
  let ours: KafkaMessageLog;
  let theirs: KafkaMessageLog;
  let bare: KafkaMessageLog;

  beforeEach(async () => {
    logs = new KafkaLogs();
    prefix = `${unique('ours')}.`;
    ours = logs.open({ prefix });
    theirs = logs.open({ prefix: `${unique('theirs')}.` });
    bare = logs.open();
    for (const log of [ours, theirs]) await log.createTopics([TOPIC], 1, 1);
  });
  afterEach(() => logs.close());

  it('hear their own messages, each by the topic’s plain name', async () => {
    const [us, them] = [await listen(ours), await listen(theirs)];
    await ours.publish([publication(TOPIC, 'to us')]);
    await theirs.publish([publication(TOPIC, 'to them')]);

    await until('both have heard', () => us.length > 0 && them.length > 0);
    expect([us, them]).toEqual([[`${TOPIC} to us`], [`${TOPIC} to them`]]);
  });

  it('keep apart what they have read, how far their groups have come, and what waits', async () => {
    await listen(ours);
    await ours.publish([publication(TOPIC, 'one')]);
    await theirs.publish([publication(TOPIC, 'two'), publication(TOPIC, 'three')]);
    await until('it is handled', async () => (await ours.committed(GROUP, [TOPIC])).length > 0);

    expect(await ours.read(TOPIC, 0, 0, 10)).toMatchObject([{ topic: TOPIC, offset: 0 }]);
    expect([await ours.firsts(TOPIC), await ours.ends(TOPIC), await theirs.ends(TOPIC)]).toEqual([[0], [1], [2]]);
    expect(await ours.committed(GROUP, [TOPIC])).toEqual([{ topic: TOPIC, partition: 0, offset: 1 }]);
    expect(await theirs.committed(GROUP, [TOPIC])).toEqual([]);
    expect((await theirs.backlog(GROUP, [TOPIC])).messages).toBe(2);
  });

  it('have topics that begin so at the brokers, those of the parked too', async () => {
    const parked = `${TOPIC}.parked.${GROUP}`;
    await makingTopics(ours).publish([publication(parked, 'unreadable')]);

    expect((await bare.read(`${prefix}${parked}`, 0, 0, 10)).map(textOf)).toEqual(['unreadable']);
    expect(await ours.findTopicProblems([TOPIC, 'nowhere'], 1)).toEqual([`The topic ${prefix}nowhere is missing.`]);
  });
});
