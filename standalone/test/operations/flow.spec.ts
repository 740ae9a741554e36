import type { LogMessage } from '@library/shared-kernel/messaging/message-log';
import { findNewest, findWithin } from '@library/standalone/operations/flow';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-21T00:00:00Z');

/** A log of one topic that counts what is read of it. */
class CountingLog {
  looked = 0;
  private readonly partitions: readonly (readonly LogMessage[])[];

  constructor(...partitions: readonly (readonly { readonly time: number; readonly id?: string }[])[]) {
    this.partitions = partitions.map((messages, partition) =>
      messages.map(({ time, id }, offset) => ({
        topic: 'rental_rent',
        partition,
        offset,
        key: 'jenny',
        value: undefined,
        headers: id === undefined ? {} : { ce_id: id },
        time,
      })),
    );
  }

  topics() {
    const partitions = this.partitions.map((messages, partition) => ({
      partition,
      first: 0,
      end: messages.length,
      messages: messages.length,
      bytes: 0,
    }));
    return [{ topic: 'rental_rent', messages: 0, bytes: 0, partitions }];
  }

  async read(_topic: string, partition: number, offset: number, limit: number): Promise<readonly LogMessage[]> {
    const found = this.partitions[partition]!.slice(offset, offset + limit);
    this.looked += found.length;
    return found;
  }
}

/** One message a second. */
function everySecond(count: number): { time: number; id?: string }[] {
  return Array.from({ length: count }, (_, at) => ({ time: START + at * 1_000 }));
}

const wanted = ({ headers }: LogMessage) => headers['ce_id'] === 'wanted';
const idsOf = (messages: readonly LogMessage[]) => messages.map(({ partition, offset }) => `${partition}@${offset}`);

describe('what happened within a span', () => {
  it.each([0, 1, 777, 50_000, 99_998, 99_999])('is found at offset %i without reading the others', async (at) => {
    const messages = everySecond(100_000);
    messages[at]!.id = 'wanted';
    const log = new CountingLog(messages, everySecond(100_000));
    const time = messages[at]!.time;

    const found = await findWithin(log, { from: time - 5_000, to: time + 5_000 }, wanted);

    expect(idsOf(found.messages)).toStrictEqual([`0@${at}`]);
    expect(found.complete).toBe(true);
    expect(log.looked).toBeLessThan(5_000);
  });

  it('is found among messages that were sent again long after they happened', async () => {
    // Only every twentieth is new, so that most places that are looked at begin with an old one.
    const messages: { time: number; id?: string }[] = everySecond(10_000).map((message, at) =>
      at % 20 === 7 ? message : { time: START },
    );
    messages[2_007]!.id = 'wanted';
    const log = new CountingLog(messages);

    const found = await findWithin(log, { from: START + 2_006_000, to: START + 2_008_000 }, wanted);

    expect(idsOf(found.messages)).toStrictEqual(['0@2007']);
    expect(log.looked).toBeLessThan(1_000);
  });

  it('is found in every copy, also those that were sent again within the span', async () => {
    const messages = everySecond(10_000);
    const time = messages[5_000]!.time;
    for (const at of [5_000, 5_003, 5_010]) messages[at] = { time, id: 'wanted' };

    const found = await findWithin(new CountingLog(messages), { from: time - 1_000, to: time + 60_000 }, wanted);

    expect(idsOf(found.messages)).toStrictEqual(['0@5000', '0@5003', '0@5010']);
  });

  it('ends at once where the partition is empty, or ended before', async () => {
    const log = new CountingLog([], everySecond(1_000));

    const found = await findWithin(log, { from: START + HOUR, to: Infinity }, wanted);

    expect(found).toStrictEqual({ messages: [], complete: true });
    expect(log.looked).toBeLessThan(1_000);
  });

  it('says so when there is too much to look through', async () => {
    const log = new CountingLog(everySecond(300_000));

    expect(await findWithin(log, { from: START, to: Infinity }, wanted)).toStrictEqual({
      messages: [],
      complete: false,
    });
    expect(log.looked).toBeLessThan(210_000);
  });
});

describe('the newest messages', () => {
  it('are found whatever their times, after a clock was put back', async () => {
    const ahead = everySecond(10_000).map(({ time }) => ({ time: time + 15 * 24 * HOUR }));
    const log = new CountingLog([...ahead, { time: START, id: 'wanted' }, { time: START + 1 }]);

    expect((await findWithin(log, { from: START - 1_000, to: START + 1_000 }, wanted)).messages).toStrictEqual([]);
    expect(idsOf((await findNewest(log, wanted)).messages)).toStrictEqual(['0@10000']);
  });
});
