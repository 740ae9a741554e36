import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '../../src/kafka/connection';
import { Coordinator } from '../../src/kafka/coordinator';
import type { KafkaMessageLog } from '../../src/kafka/message-log.kafka';
import type { Broker } from '../../src/kafka/protocol';
import type { KafkaSettings } from '../../src/kafka/settings';
import { SystemClock } from '../../src/time/system-clock';
import { BROKERS, describeWithKafka, Gate, KafkaLogs, publication, textOf, unique, until } from './brokers';

jest.setTimeout(120_000);

/** Somebody who is in no group. */
const ONLOOKER: KafkaSettings = {
  brokers: BROKERS,
  clientId: 'onlooker',
  clock: new SystemClock(),
  random: Math.random,
  logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  onFailure: () => undefined,
};

/** What kafkajs's brokers can be asked beside what this program asks them. */
interface Describing extends Broker {
  describeGroups(request: { readonly groupIds: readonly string[] }): Promise<{
    readonly groups: readonly { readonly members: readonly { readonly memberId: string }[] }[];
  }>;
}

const byNumber = (one: string, other: string) => Number(one) - Number(other);

async function membersOf(groupId: string): Promise<readonly string[]> {
  const connection = await Connection.open(ONLOOKER);
  try {
    return await askForMembers(new Coordinator(connection.cluster, groupId), groupId);
  } finally {
    connection.end();
  }
}

async function askForMembers(coordinator: Coordinator, groupId: string): Promise<readonly string[]> {
  const { groups } = await coordinator.ask((broker) => (broker as Describing).describeGroups({ groupIds: [groupId] }));
  return groups.flatMap(({ members }) => members.map(({ memberId }) => memberId));
}

/** Puts every member of a group out of it, again and again, until it is told to stop. */
async function putOut(groupId: string, told: AbortSignal): Promise<void> {
  const connection = await Connection.open(ONLOOKER);
  const coordinator = new Coordinator(connection.cluster, groupId);
  while (!told.aborted) {
    for (const memberId of await askForMembers(coordinator, groupId)) {
      await coordinator.ask((broker) => broker.leaveGroup({ groupId, memberId })).catch(() => undefined);
    }
    await pause(1_000);
  }
  connection.end();
}

describeWithKafka('A consumer whose group does not settle', () => {
  let logs: KafkaLogs;
  let log: KafkaMessageLog;
  let topic: string;
  let group: string;
  let enough: AbortController;

  beforeEach(async () => {
    enough = new AbortController();
    logs = new KafkaLogs();
    log = logs.open();
    [topic, group] = [unique('rental_rent'), unique('book')];
    await log.createTopics([topic], 4, 1);
  });
  afterEach(async () => {
    enough.abort();
    await logs.close();
  });

  const settings = () => ({ group, topics: [topic], from: 'earliest' as const, batchSize: 50 });

  it('H14: is not healthy when it is put out again as often as it comes in, and is again once it may stay', async () => {
    const heard: string[] = [];
    const consumption = await log.consume(settings(), async (batch) => void heard.push(...batch.map(textOf)));
    const bouncing = putOut(group, enough.signal);
    const saysSoFor = async (ms: number) => {
      for (const end = Date.now() + ms; Date.now() < end; await pause(20)) if (consumption.healthy) return false;
      return true;
    };
    await until('it goes on saying so', () => saysSoFor(8_000), 40_000);
    enough.abort();
    await bouncing;

    await until('it may stay', () => consumption.healthy);
    await log.publish([publication(topic, 'after')]);
    await until('it hears', () => heard.length > 0);
    expect(heard).toEqual(['after']);
  });

  it('H14: gets on while others come and go without a pause, and is healthy after it', async () => {
    const heard = new Set<string>();
    const consumption = await log.consume(settings(), async (batch) =>
      batch.forEach((each) => heard.add(textOf(each))),
    );
    const restless = (async () => {
      while (!enough.signal.aborted) {
        const other = logs.open();
        await other.consume(settings(), async (batch) => batch.forEach((each) => heard.add(textOf(each))));
        await other.close();
      }
    })();
    const texts = Array.from({ length: 20 }, (_, n) => `${n}`);
    for (const text of texts) {
      await log.publish([publication(topic, text, { key: text })]);
      await pause(100);
    }
    await until('all are heard', () => heard.size === texts.length);
    enough.abort();
    await restless;

    await until('it is healthy', () => consumption.healthy);
    expect([...heard].toSorted(byNumber)).toEqual(texts);
  });

  it('lets one that stops leave at once, while another still has a batch in hand', async () => {
    const held = new Gate();
    const busy = new Set<number>();
    const consumptions = await Promise.all(
      [0, 1].map((n) =>
        logs.open().consume(settings(), () => {
          busy.add(n);
          return held.opened;
        }),
      ),
    );
    await log.publish([publication(topic, 'slow')]);
    await until('one has it in hand', () => busy.size === 1);
    const third = log.consume(settings(), () => Promise.resolve());
    // By then the other one has heard of it, and waits to join again.
    await pause(5_000);

    const before = Date.now();
    await consumptions[busy.has(0) ? 1 : 0]!.stop();
    expect(Date.now() - before).toBeLessThan(4_500);
    expect(await membersOf(group)).toHaveLength(2);
    held.open();
    await third;
  });
});
