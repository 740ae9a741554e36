import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedMessageLog } from '@library/shared-kernel/embedded/message-log.embedded';
import type { LogMessage } from '@library/shared-kernel/messaging/message-log';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { UnrulyLog } from '@library/standalone/scenarios/unruly-log';

let folder: string;
let inner: EmbeddedMessageLog;
let log: UnrulyLog;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'unruly-'));
  const quiet = { random: () => 0, onCrashLoop: () => Promise.resolve(), onFailure: () => undefined };
  inner = EmbeddedMessageLog.open(join(folder, 'log.db'), { clock: new SystemClock(), ...quiet });
  await inner.createTopics(['a', 'b'], 1);
  log = new UnrulyLog(inner);
});
afterEach(async () => {
  log.behave();
  await inner.close();
  rmSync(folder, { recursive: true, force: true });
});

const publish = (topic: string, ...ids: readonly string[]) =>
  log.publish(ids.map((id) => ({ topic, key: 'k', value: undefined, headers: { id }, time: 0 })));

const lying = async (topic: string) => (await inner.read(topic, 0, 0, 100)).map(({ headers }) => headers['id']);

/** What a group is given, as it comes. */
async function listening(group = 'g'): Promise<readonly (string | undefined)[]> {
  const heard: (string | undefined)[] = [];
  const hear = async (batch: readonly LogMessage[]) => void heard.push(...batch.map(({ headers }) => headers['id']));
  await log.consume({ group, topics: ['a', 'b'], from: 'earliest', batchSize: 10 }, hear);
  return heard;
}

const until = async (isSo: () => boolean) => {
  for (let times = 0; !isSo(); times++) {
    if (times === 2_000) throw new Error(`It did not come about: ${String(isSo)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

it('is the log as long as there is no rule', async () => {
  const heard = await listening();
  await publish('a', '1', '2');
  await until(() => heard.length === 2);

  expect(heard).toEqual(['1', '2']);
  expect(await log.ends('a')).toEqual([2]);
  expect(log.reachable).toBe(true);
});

it('loses messages, as many as it was told to, of the topic it was told', async () => {
  const rule = log.add({ to: 'the log', topic: 'a', becomes: 'lost', first: 1 });
  await publish('b', '1');
  await publish('a', '2', '3');

  expect([await lying('a'), await lying('b')]).toEqual([['3'], ['1']]);
  expect(rule.met).toBe(1);
});

it('has messages arrive several times', async () => {
  log.add({ to: 'the log', when: ({ id }) => id === '2', becomes: { times: 3 } });
  await publish('a', '1', '2');
  expect(await lying('a')).toEqual(['1', '2', '2', '2']);

  log.add({ to: 'g', becomes: { times: 2 } });
  const heard = await listening();
  await until(() => heard.length === 8);
  expect(heard).toHaveLength(8);
});

it('holds messages on their way to one group, and lets them go backwards', async () => {
  const rule = log.add({ to: 'g', topic: 'a', becomes: 'held' });
  const [heard, other] = [await listening(), await listening('other')];
  await publish('a', '1', '2');
  await until(() => other.length === 2 && log.holding === 2);
  expect([heard, other]).toEqual([[], ['1', '2']]);

  rule.end();
  expect(await log.letGo('backwards')).toBe(2);
  expect(heard).toEqual(['2', '1']);
});

it('has messages arrive late, so that others overtake them', async () => {
  log.add({ to: 'everybody', when: ({ id }) => id === '1', becomes: { lateMs: () => 50 } });
  const heard = await listening();
  await publish('a', '1', '2');
  await until(() => heard.length === 2);
  await log.calm();

  expect(heard).toEqual(['2', '1']);
});

it('has what arrives late handled when the handler failed at first', async () => {
  log.add({ to: 'g', becomes: { lateMs: () => 0 } });
  let tries = 0;
  const handle = () => (++tries < 3 ? Promise.reject(new Error('Not yet.')) : Promise.resolve());
  await log.consume({ group: 'g', topics: ['a'], from: 'earliest', batchSize: 10 }, handle);
  await publish('a', '1');
  await until(() => tries === 3);
  await log.calm();

  expect(tries).toBe(3);
});

it('does not try again what fails when everybody hangs up', async () => {
  log.add({ to: 'g', becomes: { lateMs: () => 0 } });
  let tries = 0;
  const handle = () => {
    tries += 1;
    return Promise.reject(new Error('Closed.'));
  };
  await log.consume({ group: 'g', topics: ['a'], from: 'earliest', batchSize: 10 }, handle);
  await publish('a', '1');
  await until(() => tries === 2);
  log.hangUp();
  await log.calm();

  expect(tries).toBeLessThanOrEqual(3);
});

it('takes messages elsewhere', async () => {
  const taken: LogMessage[] = [];
  log.add({ to: 'g', becomes: { at: async (message: LogMessage) => taken.push(message) } });
  const heard = await listening();
  await publish('a', '1');
  await until(() => taken.length === 1);

  expect(taken.map(({ topic, headers }) => [topic, headers['id']])).toEqual([['a', '1']]);
  expect(heard).toEqual([]);
});

it('is out of reach until it comes back, and delivers nothing meanwhile', async () => {
  const heard = await listening();
  await publish('a', '1');
  await until(() => heard.length === 1);

  log.breakDown();
  await expect(publish('a', '2')).rejects.toMatchObject({ code: 'log-unreachable', retryable: true });
  await inner.publish([{ topic: 'a', key: 'k', value: undefined, headers: { id: '3' }, time: 0 }]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([log.reachable, log.refused, heard.length]).toEqual([false, 1, 1]);

  log.comeBack();
  await until(() => heard.length === 2);
  expect([log.reachable, heard]).toEqual([true, ['1', '3']]);
});
