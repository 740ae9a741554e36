import { MemoryBroker } from '@library/shared-kernel/testing/message-log.memory';
import { MemoryParking } from '@library/shared-kernel/testing/parking.memory';
import { MemoryStore } from '@library/shared-kernel/testing/records.memory';
import { tallies } from '@library/shared-kernel/testing/tally';
import type { Tally } from '@library/shared-kernel/testing/tally';
import { TestClock } from '@library/shared-kernel/testing/test-clock';
import { memberId, sagaId } from '../../src/domain/identifiers';
import { toPublication, Unreadable } from '../../src/messaging/cloud-event';
import { Consumer } from '../../src/messaging/consumer';
import type { EventMessage } from '../../src/messaging/event-message';
import type { LogMessage } from '../../src/messaging/message-log';
import { Tampered } from '../../src/messaging/reaction';
import type { Later, Outcome, Reaction } from '../../src/messaging/reaction';
import { Fault } from '../../src/store/fault';

const TOPIC = 'overdue_clear';
const fault = new Fault('store-unreachable', 'The store cannot be reached.');

/** What a message leads to, by its id; it is written on the tally of its member unless something else is said. */
type Behaviour = (tally: Tally, message: EventMessage) => Outcome | Later<Tally>;

const event = (id: string, member = 'jenny', more: Partial<EventMessage> = {}): EventMessage => ({
  id,
  topic: TOPIC,
  body: { idName: { id: memberId(member), name: member }, point: 10 },
  time: 1_000,
  saga: sagaId(`saga ${id}`),
  correlation: 'c',
  ...more,
});

const later =
  (found: () => Promise<Reaction<Tally>>): Behaviour =>
  (tally) => {
    expect(tally.notes).not.toContain('looked up');
    return { lookUp: found };
  };
const noting = (note: string): Reaction<Tally> => ({
  record: 'jenny',
  about: [],
  decide: (tally) => {
    tally.note(note);
    return 'too-late';
  },
});

describe('A consumer', () => {
  let clock: TestClock;
  let broker: MemoryBroker;
  let parking: MemoryParking;
  let store: MemoryStore<Tally>;
  let counted: string[];
  let behaviour: Record<string, Behaviour>;
  let offset: number;

  beforeEach(() => {
    clock = new TestClock(1_000_000);
    broker = new MemoryBroker(clock);
    broker.createTopics([TOPIC], 1);
    parking = new MemoryParking(broker);
    store = new MemoryStore(tallies, clock);
    counted = [];
    behaviour = {};
    offset = 0;
  });

  const react = (message: EventMessage): Reaction<Tally> | undefined => {
    if (message.awaits && !message.awaits.includes('book')) return undefined;
    return {
      record: (message.body as { idName: { id: string } }).idName.id,
      about: [],
      decide: (tally) => {
        const decided = behaviour[message.id]?.(tally, message) ?? 'applied';
        if (decided === 'applied') tally.note(message.id);
        return decided;
      },
    };
  };

  const consumer = () =>
    new Consumer('book-service', store.open(), react, parking, clock, (topic, outcome) =>
      counted.push(`${topic} ${outcome}`),
    );

  const message = (id: string, member?: string, more?: Partial<EventMessage>): LogMessage => ({
    ...toPublication(event(id, member, more)),
    partition: 0,
    offset: offset++,
  });
  const poison = (id: string): LogMessage => ({ ...message(id), value: Buffer.from('{not JSON') });

  const notes = async (member = 'jenny') => (await store.open().read(member))?.notes ?? [];
  const parked = async () =>
    (await parking.list({ limit: 10 })).map(({ group, message: { headers }, reason, count }) => ({
      group,
      id: headers['ce_id'],
      reason,
      count,
    }));

  describe('given a batch', () => {
    it('makes one change of each record, with its messages in their order', async () => {
      await consumer().handle([message('1'), message('2', 'scott'), message('3'), message('4'), message('5', 'scott')]);

      expect(await notes()).toEqual(['1', '3', '4']);
      expect(await notes('scott')).toEqual(['2', '5']);
      expect(store.commits).toBe(2);
    });

    it('counts what became of each message, and what concerns nobody here [G17]', async () => {
      behaviour = { '2': () => 'repeated', '3': () => 'refused' };
      await consumer().handle([
        message('1'),
        message('2'),
        message('3'),
        message('4', 'jenny', { awaits: ['member'] }),
        poison('5'),
      ]);

      expect(counted.toSorted()).toEqual(
        ['applied', 'not-awaited', 'parked', 'refused', 'repeated'].map((outcome) => `${TOPIC} ${outcome}`),
      );
    });

    it('parks a message that cannot be read, as it came, and goes on with the others [G1p G6p]', async () => {
      const bad = poison('2');
      await consumer().handle([message('1'), bad, message('3')]);

      expect(await notes()).toEqual(['1', '3']);
      expect(await parking.list({ limit: 10 })).toEqual([
        expect.objectContaining({
          group: 'book-service',
          message: bad,
          reason: 'unreadable',
          firstParkedAt: 1_000_000,
          count: 1,
          state: 'parked',
        }),
      ]);
    });

    it('parks a message whose handler fails, stores nothing of it, and does the others of its record in their order [G6p B3]', async () => {
      behaviour = {
        '2': (tally) => {
          tally.note('half done');
          throw new TypeError('no');
        },
        '4': (_tally, { saga }) => {
          throw new Tampered(saga, 'do');
        },
      };
      await consumer().handle([message('1'), message('2'), message('3'), message('4'), message('5', 'scott')]);

      expect(await notes()).toEqual(['1', '3']);
      expect(await notes('scott')).toEqual(['5']);
      expect(await parked()).toEqual([
        { group: 'book-service', id: '4', reason: 'tampered', count: 1 },
        { group: 'book-service', id: '2', reason: 'bug', count: 1 },
      ]);
      expect(counted.toSorted()).toEqual(
        ['applied', 'applied', 'applied', 'parked', 'parked'].map((outcome) => `${TOPIC} ${outcome}`),
      );
    });

    it('parks nothing when the world fails, and rejects so that the batch comes again [I6]', async () => {
      store.faults = { beforeCommit: (id) => (id === 'jenny' ? Promise.reject(fault) : undefined) };
      await expect(consumer().handle([message('1'), message('2', 'scott')])).rejects.toBe(fault);

      expect(await parked()).toEqual([]);
      expect([await notes(), await notes('scott')]).toEqual([[], ['2']]);
    });

    it('parks nothing when a handler says that the world failed', async () => {
      behaviour = {
        '2': () => {
          throw fault;
        },
      };

      await expect(consumer().handle([message('1'), message('2')])).rejects.toBe(fault);
      expect([await notes(), await parked()]).toEqual([[], []]);
    });

    it('has nothing under way any more when it rejects', async () => {
      const slow: (() => void)[] = [];
      store.faults = {
        beforeCommit: (id) =>
          id === 'jenny' ? Promise.reject(fault) : new Promise<void>((resolve) => slow.push(resolve)),
      };
      let rejected = false;
      const handling = consumer()
        .handle([message('1'), message('2', 'scott')])
        .catch(() => (rejected = true));
      await clock.advance(0);
      expect(rejected).toBe(false);
      slow.forEach((finish) => finish());
      await handling;

      expect([rejected, await notes('scott')]).toEqual([true, ['2']]);
    });

    it('never drops a message that it can neither handle nor park [G7p]', async () => {
      parking.failing = fault;

      await expect(consumer().handle([poison('1')])).rejects.toBe(fault);
      expect(counted).toEqual([]);
    });
  });

  describe('that must look something up', () => {
    it('decides anew with what it found, in a change of its own', async () => {
      behaviour = { '2': later(async () => noting('looked up')) };
      await consumer().handle([message('1'), message('2'), message('3')]);

      expect(await notes()).toEqual(['1', '3', 'looked up']);
      expect(counted).toEqual([`${TOPIC} applied`, `${TOPIC} too-late`, `${TOPIC} applied`]);
    });

    it('rejects when the world fails while it looks, and parks what fails for its own sake', async () => {
      behaviour = { '1': later(() => Promise.reject(fault)) };
      await expect(consumer().handle([message('1')])).rejects.toBe(fault);
      behaviour = { '1': later(() => Promise.reject(new TypeError('no'))) };
      await consumer().handle([message('1'), message('2')]);

      expect(await parked()).toEqual([{ group: 'book-service', id: '1', reason: 'bug', count: 1 }]);
      expect(await notes()).toContain('2');
    });
  });

  describe('asked to handle a parked message again', () => {
    it('answers what became of it', async () => {
      behaviour = { '2': () => 'withdrawn' };

      expect(await consumer().handleAgain(message('1'))).toBe('applied');
      expect(await consumer().handleAgain(message('2'))).toBe('withdrawn');
      expect(await consumer().handleAgain(message('3', 'jenny', { awaits: ['member'] }))).toBe('not-awaited');
    });

    it('throws what would park it, and parks nothing itself', async () => {
      await expect(consumer().handleAgain(poison('1'))).rejects.toThrow(Unreadable);
      expect(await parked()).toEqual([]);
    });
  });

  it('lets its partition go on behind a poisoned message, and gets a batch again after the world failed [G1p I6]', async () => {
    const { topic, key, headers, time } = poison('2');
    let failures = 1;
    store.faults = { beforeCommit: () => (failures-- > 0 ? Promise.reject(fault) : undefined) };
    await broker
      .client()
      .consume({ group: 'book-service', topics: [TOPIC], from: 'earliest', batchSize: 10 }, consumer().handle);
    broker.append([
      toPublication(event('1')),
      { topic, key, value: Buffer.from('{not JSON'), headers, time },
      toPublication(event('3')),
    ]);
    await clock.advance(1_000);

    expect(await notes()).toEqual(['1', '3']);
    expect(await parked()).toEqual([{ group: 'book-service', id: '2', reason: 'unreadable', count: 2 }]);
    expect((await broker.client().backlog('book-service', [TOPIC])).messages).toBe(0);
  });
});
