import { MemoryBroker } from '@library/shared-kernel/testing/message-log.memory';
import { MemoryStore } from '@library/shared-kernel/testing/records.memory';
import { Tally, tallies } from '@library/shared-kernel/testing/tally';
import { settled, TestClock } from '@library/shared-kernel/testing/test-clock';
import * as fc from 'fast-check';
import { memberId, sagaId } from '../../src/domain/identifiers';
import type { OutgoingMessage } from '../../src/messaging/event-message';
import { MessageRejected } from '../../src/messaging/message-log';
import type { LogMessage, Publication } from '../../src/messaging/message-log';
import type { PublishedCopy } from '../../src/outbox/outbox';
import { DEFAULT_RELAY, Relay } from '../../src/outbox/relay';
import type { RelayReports, RelaySettings } from '../../src/outbox/relay';
import { Fault } from '../../src/store/fault';
import type { RecordKind } from '../../src/store/records';

const TOPICS = ['rental_rent', 'rental_return', 'rental_result'] as const;
type Topic = (typeof TOPICS)[number];
const RECORDS = ['jenny', 'scott', 'tom'] as const;
const FAILURES = [
  'before publishing',
  'while publishing',
  'after publishing',
  'before storing',
  'after storing',
  'another came first',
] as const;
const unreachable = new Fault('log-unreachable', 'The broker is down.');

const message = (id: string, topic: Topic = 'rental_rent', record = 'jenny'): OutgoingMessage => ({
  id,
  topic,
  body: { idName: { id: memberId(record), name: record } },
  time: 1_000,
  saga: sagaId('s'),
  correlation: 'c',
});

class LearningTally extends Tally {
  constructor(
    private readonly learned: PublishedCopy[],
    ...stored: ConstructorParameters<typeof Tally>
  ) {
    super(...stored);
  }

  override published(copies: readonly PublishedCopy[]): void {
    this.learned.push(...copies);
    super.published(copies);
  }
}

/** One store and one broker, and as many processes as a spec needs. */
class World {
  readonly clock = new TestClock();
  readonly learned: PublishedCopy[] = [];
  readonly rejected: { readonly id: string; readonly because: string }[] = [];
  readonly heldUp: (readonly [topic: string, error: unknown])[] = [];
  readonly store: MemoryStore<Tally>;
  readonly broker = new MemoryBroker(this.clock);
  readonly relay: Relay<Tally>;
  rejecting: Error | undefined;

  constructor() {
    const kind: RecordKind<Tally> = {
      ...tallies,
      open: (_id, body, outbox, entries) => new LearningTally(this.learned, body, outbox, entries),
    };
    this.store = new MemoryStore(kind, this.clock);
    this.broker.createTopics(TOPICS, 4);
    this.relay = this.process();
  }

  process(settings: Partial<RelaySettings> = {}): Relay<Tally> {
    const reports: RelayReports = {
      rejected: async ({ id }, error) => {
        if (this.rejecting) throw this.rejecting;
        this.rejected.push({ id, because: error.message });
      },
      heldUp: (topic, error) => void this.heldUp.push([topic, error]),
    };
    return new Relay(this.store.open(), this.broker.client(), this.clock, reports, { ...DEFAULT_RELAY, ...settings });
  }

  /** Puts messages into a record's outbox, by a change. */
  send(messages: readonly OutgoingMessage[], record = 'jenny', relay = this.relay): Promise<unknown> {
    return relay.records.change(record, [], (tally) => tally.outbox.add(...messages));
  }

  ids(topic: Topic = 'rental_rent'): readonly (string | undefined)[] {
    return this.broker.messages(topic).map(idOf);
  }

  async waiting(record = 'jenny'): Promise<readonly string[]> {
    return (await this.store.open().read(record))?.outbox.waiting.map(({ id }) => id) ?? [];
  }
}

const idOf = ({ headers }: Publication | LogMessage) => headers['ce_id'];

describe('A relay', () => {
  let world: World;

  beforeEach(() => {
    world = new World();
  });

  const leave = (record: string, topic?: 'rental_return') =>
    world.store.open().change(record, [], (tally) => tally.outbox.add(message(`of ${record}`, topic)));
  const sweepOften = async () => {
    for (let sweeps = 0; sweeps < 4; sweeps++) {
      await world.relay.sweep(world.clock.now(), 2);
      await world.clock.advance(5_000);
    }
  };

  describe('publishes', () => {
    it('what a change leaves, right after it, and drops it alone when no other change comes soon', async () => {
      await world.send([message('m1'), message('m2')]);
      await settled();
      expect(world.ids()).toEqual(['m1', 'm2']);
      expect(await world.waiting()).toEqual(['m1', 'm2']);

      await world.clock.advance(DEFAULT_RELAY.dropAfterMs);
      expect(await world.waiting()).toEqual([]);
      expect(world.store.commits).toBe(2);
      await world.clock.advance(60_000);
      expect(world.clock.waiting).toBe(0);
    });

    it('and drops what is out by the next change of the record, without a commit of its own', async () => {
      await world.send([message('m1')]);
      await settled();
      await world.send([message('m2')]);
      expect(await world.waiting()).toEqual(['m2']);
      await settled();
      await world.relay.records.change('jenny', [], (tally) => tally.add());

      expect(await world.waiting()).toEqual([]);
      await world.clock.advance(60_000);
      expect(world.store.commits).toBe(3);
      expect(world.ids()).toEqual(['m1', 'm2']);
    });

    it('a message again that was dropped and is added anew', async () => {
      await world.send([message('m1')]);
      await settled();
      await world.send([message('m1')]);
      await settled();

      expect(world.ids()).toEqual(['m1', 'm1']);
    });

    it('and drops it when the change that was to drop it failed', async () => {
      await world.send([message('m1')]);
      await settled();
      const change = world.relay.records.change('jenny', [], () => {
        throw new Error('no');
      });
      await expect(change).rejects.toThrow('no');
      expect(await world.waiting()).toEqual(['m1']);
      await world.relay.records.change('jenny', [], () => undefined);

      expect(await world.waiting()).toEqual([]);
    });

    it('and drops it later when it could not at first, though no other change comes', async () => {
      await world.send([message('m1')]);
      await settled();
      world.store.faults = { beforeCommit: () => Promise.reject(unreachable) };
      await world.clock.advance(DEFAULT_RELAY.dropAfterMs);
      expect(await world.waiting()).toEqual(['m1']);
      world.store.faults = {};
      await world.clock.advance(DEFAULT_RELAY.dropAfterMs);

      expect(await world.waiting()).toEqual([]);
    });

    it("a record's messages in their order within a topic, whatever fails and however many there are", async () => {
      world.broker.faults = { publishing: failEverySecond() };
      const relay = world.process({ batchSize: 7 });
      for (let n = 0; n < 50; n++) await world.send([message(`m${n}`)], 'jenny', relay);
      await world.clock.advance(60_000);

      expect([...new Set(world.ids())]).toEqual(Array.from({ length: 50 }, (_, n) => `m${n}`));
      expect(await world.waiting()).toEqual([]);
    });
  });

  describe('whose log fails', () => {
    it.each([
      ['before it took anything', 0, ['m1', 'm2', 'm3']],
      ['in the middle', 2, ['m1', 'm2', 'm1', 'm2', 'm3']],
      ['when it had taken all, so that only the answer is lost', 3, ['m1', 'm2', 'm3', 'm1', 'm2', 'm3']],
    ])('%s publishes all of them again, with the same ids [C5 C6 C7 H3]', async (_when, appended, ids) => {
      let failures = 1;
      world.broker.faults = { publishing: () => (failures-- > 0 ? { appended, error: unreachable } : undefined) };
      await world.send([message('m1'), message('m2'), message('m3')]);
      await world.clock.advance(DEFAULT_RELAY.retryAfterMs - 1);
      expect(world.ids()).toEqual(ids.slice(0, appended));
      await world.clock.advance(DEFAULT_RELAY.dropAfterMs + 1);

      expect(world.ids()).toEqual(ids);
      expect(await world.waiting()).toEqual([]);
    });

    it('for one topic holds back only that one [G16 H12]', async () => {
      world.broker.faults = {
        publishing: ([first]) => (first?.topic === 'rental_rent' ? { appended: 0, error: unreachable } : undefined),
      };
      await world.send([message('m1'), message('m2', 'rental_return'), message('m3')]);
      await world.clock.advance(10_000);
      expect([world.ids(), world.ids('rental_return')]).toEqual([[], ['m2']]);
      expect(await world.waiting()).toEqual(['m1', 'm3']);
      world.broker.faults = {};
      await world.clock.advance(10_000);

      expect(world.ids()).toEqual(['m1', 'm3']);
      expect(await world.waiting()).toEqual([]);
    });

    it('for ten minutes publishes everything after it, and nothing twice [H2 G9]', async () => {
      world.broker.down = true;
      await world.send([message('m1')]);
      await world.clock.advance(10 * 60_000);
      await world.send([message('m2')]);
      expect(await world.relay.sweep(Infinity, 10)).toBe(1);
      world.broker.down = false;
      await world.clock.advance(10_000);

      expect(world.ids()).toEqual(['m1', 'm2']);
      expect(await world.waiting()).toEqual([]);
    });

    it('tells an operator once, however often it is tried, and once more when it fails anew', async () => {
      const failure = new TypeError('A message that cannot be written as bytes.');
      let fails = true;
      world.broker.faults = { publishing: () => (fails ? { appended: 0, error: failure } : undefined) };
      await world.send([message('m1'), message('m2', 'rental_return')]);
      await world.clock.advance(60_000);
      expect(world.heldUp).toEqual([
        ['rental_rent', failure],
        ['rental_return', failure],
      ]);

      fails = false;
      await world.clock.advance(10_000);
      fails = true;
      await world.send([message('m3')]);
      await world.clock.advance(60_000);

      expect(world.heldUp.slice(2)).toEqual([['rental_rent', failure]]);
    });

    it('for the message’s own sake tells an operator, drops it, and goes on', async () => {
      world.broker.faults = {
        publishing: (batch) => {
          const index = batch.findIndex((each) => idOf(each) === 'bad');
          return index < 0 ? undefined : { appended: 0, error: new MessageRejected(index, 'too large') };
        },
      };
      await world.send([message('m1'), message('bad'), message('m2')]);
      await world.clock.advance(10_000);

      expect(world.ids()).toEqual(['m1', 'm2']);
      expect(world.rejected).toEqual([{ id: 'bad', because: 'too large' }]);
      expect(await world.waiting()).toEqual([]);
    });

    it('for its own sake while no operator can be told keeps it, and its lane, until one can', async () => {
      world.broker.faults = {
        publishing: ([first]) =>
          idOf(first!) === 'bad' ? { appended: 0, error: new MessageRejected(0, 'too large') } : undefined,
      };
      world.rejecting = unreachable;
      await world.send([message('bad'), message('m1')]);
      await world.clock.advance(10_000);
      expect(await world.waiting()).toEqual(['bad', 'm1']);
      expect(world.heldUp).toEqual([['rental_rent', unreachable]]);
      world.rejecting = undefined;
      await world.clock.advance(10_000);

      expect([world.ids(), world.rejected.map(({ id }) => id)]).toEqual([['m1'], ['bad']]);
      expect(await world.waiting()).toEqual([]);
    });

    it('tells an operator anew when it fails after the last refused message is out of the way', async () => {
      world.broker.faults = { publishing: () => ({ appended: 0, error: new MessageRejected(0, 'too large') }) };
      world.rejecting = unreachable;
      await world.send([message('bad')]);
      await world.clock.advance(10_000);
      world.rejecting = undefined;
      await world.clock.advance(10_000);
      world.broker.faults = {};
      world.broker.down = true;
      await world.send([message('m1')]);
      await world.clock.advance(10_000);

      expect(world.heldUp).toHaveLength(2);
    });
  });

  describe('stamps the expiry', () => {
    const expiring = { ...message('m1'), expiresAfterMs: 120_000 };

    it('when a message is published at last, and tells it to the record that drops it [B6b]', async () => {
      world.broker.down = true;
      await world.send([expiring]);
      await world.clock.advance(10 * 60_000);
      world.broker.down = false;
      await world.clock.advance(DEFAULT_RELAY.retryAfterMs);
      const [published] = world.broker.messages('rental_rent');
      const expires = Date.parse(published?.headers['ce_expirytime'] ?? '');

      expect(expires).toBe(world.clock.now() + 120_000);
      await world.clock.advance(DEFAULT_RELAY.dropAfterMs);
      expect(world.learned).toEqual([{ id: 'm1', expires }]);
    });

    it('anew for a copy that is not known to be out, and never for one that has its own', async () => {
      let failures = 1;
      world.broker.faults = { publishing: () => (failures-- > 0 ? { appended: 1, error: unreachable } : undefined) };
      const begun = world.clock.now();
      await world.send([expiring]);
      await world.clock.advance(DEFAULT_RELAY.retryAfterMs + DEFAULT_RELAY.dropAfterMs);
      await world.send([{ ...message('m1'), expires: begun + 7 }]);
      await world.clock.advance(DEFAULT_RELAY.dropAfterMs);

      const stamps = world.broker
        .messages('rental_rent')
        .map(({ headers }) => Date.parse(headers['ce_expirytime'] ?? '') - begun);
      expect(stamps).toEqual([120_000, 120_500, 7]);
      expect(world.learned.map(({ expires }) => expires! - begun)).toEqual([120_500, 7]);
    });
  });

  describe('that sweeps', () => {
    it('publishes what a process left that is no more, the oldest first [C5 O2]', async () => {
      await world.store.open().change('jenny', [], (tally) => tally.outbox.add(message('m1'), message('m2')));
      await world.clock.advance(1_000);
      expect(await world.relay.sweep(world.clock.now() - 2_000, 10)).toBe(0);
      expect(await world.relay.sweep(world.clock.now(), 10)).toBe(1);
      await settled();

      expect(world.ids()).toEqual(['m1', 'm2']);
    });

    it('starts at the oldest one that is not known to be out, whoever is asked to publish a younger one', async () => {
      await world.store.open().change('jenny', [], (tally) => tally.outbox.add(message('of a dead process')));
      await world.send([message('m1')]);
      await settled();

      expect(world.ids()).toEqual(['of a dead process', 'm1']);
    });

    it('publishes once more what another process has published and not yet dropped; both drop it [C6 J3]', async () => {
      await world.send([message('m1')]);
      await settled();
      const other = world.process();
      await other.sweep(Infinity, 10);
      await settled();
      expect(world.ids()).toEqual(['m1', 'm1']);
      await world.clock.advance(10_000);

      expect(await world.waiting()).toEqual([]);
      expect(world.clock.waiting).toBe(0);
    });

    it('leaves out what is on its way or out already', async () => {
      await world.send([message('m1')]);
      await world.relay.sweep(Infinity, 10);
      await settled();
      await world.relay.sweep(Infinity, 10);
      await settled();

      expect(world.ids()).toEqual(['m1']);
    });

    it('gets to the others when as many as it takes at once are out and can never be dropped [B9]', async () => {
      for (const record of ['damaged 1', 'damaged 2']) await leave(record);
      await world.clock.advance(1);
      await leave('jenny');
      await world.clock.advance(1);
      world.store.faults = {
        beforeCommit: (id) => (id === 'jenny' ? undefined : Promise.reject(new TypeError('A bug of ours.'))),
      };
      await sweepOften();

      expect(world.ids()).toEqual(['of damaged 1', 'of damaged 2', 'of jenny']);
      expect(await world.waiting('jenny')).toEqual([]);
    });
  });

  describe('that sweeps while one topic can no longer be written', () => {
    beforeEach(async () => {
      for (const record of ['one', 'another']) await leave(record);
      await world.clock.advance(1);
      await leave('jenny', 'rental_return');
      await world.clock.advance(1);
    });

    it('gets to what goes to others, however much waits for that one [H12]', async () => {
      world.broker.faults = {
        publishing: ([first]) =>
          first?.topic === 'rental_rent'
            ? { appended: 0, error: new Fault('not-allowed', 'Not this topic.') }
            : undefined,
      };
      await sweepOften();

      expect(world.ids('rental_return')).toEqual(['of jenny']);
    });

    it('takes no more over than its page while the log is away', async () => {
      world.broker.down = true;
      await sweepOften();
      world.broker.down = false;
      await world.clock.advance(500);

      expect([...world.ids(), ...world.ids('rental_return')]).toEqual(['of another', 'of one']);
    });
  });

  describe('that is stopped', () => {
    it('publishes all that it has taken over, drops it, and takes nothing more [O1]', async () => {
      const relay = world.process({ batchSize: 2 });
      await world.send([message('m1'), message('m2'), message('m3'), message('m4', 'rental_return')], 'jenny', relay);
      await relay.stop();
      expect([...world.ids(), ...world.ids('rental_return')]).toEqual(['m1', 'm2', 'm3', 'm4']);
      expect(await world.waiting()).toEqual([]);
      expect(world.clock.waiting).toBe(0);

      await world.send([message('m5')], 'jenny', relay);
      await world.clock.advance(60_000);
      expect(world.ids()).not.toContain('m5');
      expect(await world.waiting()).toEqual(['m5']);
    });

    it('publishes what the log had not taken when it is started again', async () => {
      world.broker.down = true;
      await world.send([message('m1')]);
      const stopping = world.relay.stop();
      await world.clock.advance(10_000);
      await stopping;
      world.broker.down = false;
      world.relay.start();
      await world.relay.sweep(Infinity, 10);
      await world.clock.advance(10_000);

      expect(world.ids()).toEqual(['m1']);
      expect(await world.waiting()).toEqual([]);
    });

    it('drops what it could not drop before, when it is started again and no other change comes', async () => {
      await world.send([message('m1')]);
      world.store.faults = { beforeCommit: () => Promise.reject(unreachable) };
      await world.relay.stop();
      world.store.faults = {};
      expect(await world.waiting()).toEqual(['m1']);
      world.relay.start();
      await world.clock.advance(DEFAULT_RELAY.dropAfterMs);

      expect(world.ids()).toEqual(['m1']);
      expect(await world.waiting()).toEqual([]);
    });

    it('takes over again when it is started again', async () => {
      await world.relay.stop();
      world.relay.start();
      await world.send([message('m1')]);

      expect(world.ids()).toEqual(['m1']);
    });

    it('leaves in the record what the log does not take, and does not wait for it [O1]', async () => {
      world.broker.down = true;
      await world.send([message('m1')]);
      const stopping = world.relay.stop();
      await world.clock.advance(DEFAULT_RELAY.retryAfterMs);
      await stopping;

      expect(await world.waiting()).toEqual(['m1']);
      expect(world.clock.waiting).toBe(0);
    });
  });

  it('loses no message, drops every one, and keeps the order of a record and a topic, whatever fails and whoever publishes [C5 C6 C7 E11 G9 J3]', async () => {
    const anyStep = fc.record({
      record: fc.constantFrom(...RECORDS),
      topic: fc.constantFrom(...TOPICS),
      process: fc.nat({ max: 1 }),
      fails: fc.option(fc.constantFrom(...FAILURES), { nil: undefined }),
      /** Before the next step; that comes at once when undefined. */
      passes: fc.option(fc.constantFrom(0, 400, 1_500, 12_000), { nil: undefined }),
      sweeps: fc.boolean(),
    });

    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
        const w = new World();
        const relays = [w.relay, w.process({ batchSize: 2 })];
        for (const [n, { record, topic, process, fails, passes, sweeps }] of steps.entries()) {
          const relay = relays[process]!;
          failOnce(w, fails);
          const sending = relay.records.change(record, [], (tally) => {
            tally.note({ id: `${n}`, topic });
            tally.outbox.add(message(`${n}`, topic, record));
          });
          sending.catch(() => undefined);
          if (passes !== undefined) await w.clock.advance(passes);
          if (sweeps) await relay.sweep(w.clock.now() - 10_000, 10);
        }
        w.broker.faults = {};
        w.store.faults = {};
        for (let rounds = 0; rounds < 3; rounds++) {
          await w.clock.advance(12_000);
          for (const relay of relays) await relay.sweep(w.clock.now() - 10_000, 10);
        }
        await w.clock.advance(12_000);

        for (const record of RECORDS) {
          const stored = (await w.store.open().read(record))?.notes as { id: string; topic: string }[] | undefined;
          for (const topic of TOPICS) {
            const published = w.broker
              .messages(topic)
              .filter(({ key }) => key === record)
              .map(idOf);
            expect([...new Set(published)]).toEqual(
              (stored ?? []).filter((each) => each.topic === topic).map(({ id }) => id),
            );
          }
          expect(await w.waiting(record)).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });
});

function failEverySecond() {
  let count = 0;
  return (batch: readonly Publication[]) =>
    count++ % 2 === 0 ? { appended: Math.floor(batch.length / 2), error: unreachable } : undefined;
}

const failure = () => Promise.reject(new Fault('store-unreachable', 'The store cannot be reached.'));

/** The next publication or commit fails in this way, and only that one. */
function failOnce(world: World, how: (typeof FAILURES)[number] | undefined): void {
  let left = 1;
  const once = <Value>(value: () => Value): Value | undefined => (left-- > 0 ? value() : undefined);
  const another = async (id: string) => void (await world.store.open().change(id, [], (tally) => tally.add()));
  const publishing = (appended: (batch: readonly Publication[]) => number) => (batch: readonly Publication[]) =>
    once(() => ({ appended: appended(batch), error: unreachable }));

  switch (how) {
    case 'before publishing':
      world.broker.faults = { publishing: publishing(() => 0) };
      break;
    case 'while publishing':
      world.broker.faults = { publishing: publishing(() => 1) };
      break;
    case 'after publishing':
      world.broker.faults = { publishing: publishing(({ length }) => length) };
      break;
    case 'before storing':
      world.store.faults = { beforeCommit: () => once(failure) };
      break;
    case 'after storing':
      world.store.faults = { afterCommit: () => once(failure) };
      break;
    case 'another came first':
      world.store.faults = { beforeCommit: (id) => once(() => another(id)) };
      break;
    case undefined:
  }
}
