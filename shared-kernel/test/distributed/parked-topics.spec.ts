import { makingTopics } from '../../src/distributed/parked-topics';
import type { Publication } from '../../src/messaging/message-log';
import { MemoryBroker } from '../../src/testing/message-log.memory';
import { Fault } from '../../src/store/fault';
import { SystemClock } from '../../src/time/system-clock';

const parked = (group: string): Publication => ({
  topic: `rental_rent.parked.${group}`,
  key: 'jenny',
  value: Buffer.from('?'),
  headers: {},
  time: 0,
});

describe('The topics of the parked', () => {
  const broker = new MemoryBroker(new SystemClock());
  const log = broker.client();
  const created: string[] = [];
  const making = makingTopics({
    publish: (messages) => log.publish(messages),
    createTopics: async (names, partitions) => {
      created.push(...names);
      broker.createTopics(names, partitions);
    },
  });

  it('are created when the first message comes there, each once', async () => {
    await making.publish([parked('book'), parked('member'), parked('book')]);
    await making.publish([parked('book')]);

    expect(created).toEqual(['rental_rent.parked.book', 'rental_rent.parked.member']);
    expect(await log.ends('rental_rent.parked.book')).toEqual([3]);
    expect(await log.ends('rental_rent.parked.member')).toEqual([1]);
  });

  it('are not created for another trouble, of which the sender is told', async () => {
    const trouble = new Fault('log-unreachable', 'No broker answers.');
    const unreachable = makingTopics({
      publish: () => Promise.reject(trouble),
      createTopics: () => Promise.reject(new Error('Nobody should have asked.')),
    });

    await expect(unreachable.publish([parked('book')])).rejects.toBe(trouble);
  });
});
