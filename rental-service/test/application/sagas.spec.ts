import { sagaId } from '@library/shared-kernel/domain/identifiers';
import type { SagaId } from '@library/shared-kernel/domain/identifiers';
import { hasEnded } from '@library/shared-kernel/saga/saga';
import type { Saga } from '@library/shared-kernel/saga/saga';
import { settled } from '@library/shared-kernel/testing/test-clock';
import * as fc from 'fast-check';
import { jenny, RentalDesk, request, scott } from './rental-desk';

const PARTICIPANTS = ['book', 'member', 'bestbook'] as const;

/** What a promise has come to so far. */
function watched<Value>(promise: Promise<Value>) {
  const state: { value?: Value; over: boolean } = { over: false };
  void promise.then((value) => Object.assign(state, { value, over: true }));
  return state;
}

describe('Sagas', () => {
  let desk: RentalDesk;

  beforeEach(() => {
    desk = new RentalDesk();
  });

  /** Answers a rent's saga to its end. */
  const end = async (saga: SagaId, member = jenny) => {
    for (const participant of PARTICIPANTS) await desk.hear(participant, 'RENT', saga, undefined, member);
  };

  /** A saga's story, until it is over. */
  async function heard(saga: SagaId, from: number, signal?: AbortSignal): Promise<readonly string[]> {
    const events: string[] = [];
    for await (const { number, event } of desk.sagas.story(saga, from, signal)) events.push(`${number} ${event.what}`);
    return events;
  }

  const ids = async (...asked: Parameters<RentalDesk['sagas']['list']>) =>
    (await desk.sagas.list(...asked)).sagas.map(({ id }) => id);

  describe('are found', () => {
    it('in flight, when they have ended, and on their way between', async () => {
      desk.store.archiveLater();
      const saga = await desk.began(desk.rent(1));
      expect((await desk.sagas.find(saga))?.status).toBe('RUNNING');
      await end(saga);
      expect(await desk.store.archive.find('saga', saga)).toBeUndefined();
      expect((await desk.sagas.find(saga))?.status).toBe('COMPLETED');
      desk.store.archiveNow();

      expect((await desk.sagas.find(saga))?.status).toBe('COMPLETED');
      expect(await desk.sagas.find(sagaId('unknown'))).toBeUndefined();
    });
  });

  describe('are waited for', () => {
    it('until they have ended, and are told at once', async () => {
      const saga = await desk.began(desk.rent(1));
      const waiting = watched(desk.sagas.ended(saga, 30_000));
      await desk.hear('book', 'RENT', saga);
      await desk.hear('member', 'RENT', saga);
      await settled();
      expect(waiting.over).toBe(false);
      await desk.hear('bestbook', 'RENT', saga);
      await settled();

      expect(waiting.value?.status).toBe('COMPLETED');
      expect(desk.clock.waiting).toBe(0);
    });

    it('not when they have ended already, and not when there are none', async () => {
      expect((await desk.sagas.ended(await desk.rented(1), 30_000))?.status).toBe('COMPLETED');
      expect(await desk.sagas.ended(sagaId('unknown'), 30_000)).toBeUndefined();
    });

    it('no longer than asked, and then tells how they stand', async () => {
      const waiting = watched(desk.sagas.ended(await desk.began(desk.rent(1)), 2_500));
      await desk.clock.advance(2_499);
      expect(waiting.over).toBe(false);
      await desk.clock.advance(1);

      expect(waiting.value?.status).toBe('RUNNING');
    });

    it('also when another instance ends them', async () => {
      const saga = await desk.began(desk.rent(1));
      const waiting = watched(desk.sagas.ended(saga, 30_000));
      const other = desk.store.open();
      const ended = (await other.read(jenny.id))!.saga(saga)!;
      await other.change(jenny.id, [], (record) => record.put({ ...ended, status: 'COMPLETED' }));
      await settled();
      expect(waiting.over).toBe(false);
      await desk.clock.advance(1_000);

      expect(waiting.value?.status).toBe('COMPLETED');
    });

    it('not when another instance has ended them long ago', async () => {
      const saga = await desk.began(desk.rent(1));
      const other = desk.store.open();
      const ended = (await other.read(jenny.id))!.saga(saga)!;
      await other.change(jenny.id, [], (record) => record.put({ ...ended, status: 'COMPLETED' }));
      await desk.clock.advance(60_000);

      expect((await desk.sagas.ended(saga, 0))?.status).toBe('COMPLETED');
    });

    it('until nobody waits any more [F11 M6]', async () => {
      const saga = await desk.began(desk.rent(1));
      const leaving = new AbortController();
      const waiting = watched(desk.sagas.ended(saga, 30_000, leaving.signal));
      await settled();
      leaving.abort();
      await settled();

      expect(waiting.value?.status).toBe('RUNNING');
      expect(desk.clock.waiting).toBe(0);
      await end(saga);
      expect((await desk.sagas.find(saga))?.status).toBe('COMPLETED');
    });

    it('and are never slept through, though they end while one looks', async () => {
      const saga = await desk.began(desk.rent(1));
      const looking = desk.sagas.find.bind(desk.sagas);
      let looks = 0;
      desk.sagas.find = async (id) => {
        const found = await looking(id);
        if (looks++ === 0) await end(saga);
        return found;
      };
      const waiting = watched(desk.sagas.ended(saga, 30_000));
      await desk.clock.advance(1_000);

      expect(looks).toBe(1);
      expect(waiting.value?.status).toBe('COMPLETED');
    });

    it('without asking the record, as long as they move in this process', async () => {
      const saga = await desk.began(desk.rent(1));
      const reading = jest.spyOn(desk.sagas, 'find');
      const waiting = watched(desk.sagas.ended(saga, 30_000));
      await end(saga);
      await settled();

      expect(waiting.value?.status).toBe('COMPLETED');
      expect((await desk.sagas.ended(saga, 0))?.status).toBe('COMPLETED');
      expect(reading).not.toHaveBeenCalled();
    });
  });

  describe('tell their story', () => {
    it('from the beginning to the end, each event once, as it happens [M8]', async () => {
      const saga = await desk.began(desk.rent(1));
      const listening = watched(heard(saga, 0));
      for (const participant of PARTICIPANTS) {
        await desk.hear(participant, 'RENT', saga);
        await settled();
      }

      expect(listening.value).toEqual(['0 announced', '1 done', '2 done', '3 done', '4 completed']);
      expect(desk.clock.waiting).toBe(0);
    });

    it('from where one left off, without a gap or a repetition [M8]', async () => {
      const saga = await desk.rented(1);

      expect(await heard(saga, 3)).toEqual(['3 done', '4 completed']);
      expect(await heard(saga, 5)).toEqual([]);
      expect(await heard(sagaId('unknown'), 0)).toEqual([]);
    });

    it('until nobody listens any more', async () => {
      const saga = await desk.began(desk.rent(1));
      const leaving = new AbortController();
      const listening = watched(heard(saga, 0, leaving.signal));
      await settled();
      leaving.abort();
      await settled();

      expect(listening.value).toEqual(['0 announced']);
      expect(desk.clock.waiting).toBe(0);
    });
  });

  describe('are told of', () => {
    it('once what they are is stored, to those who listen, and to nobody who has stopped', async () => {
      const saga = await desk.began(desk.rent(1));
      const told: string[] = [];
      const stop = desk.feed.listen(saga, ({ steps }) =>
        told.push(
          Object.values(steps)
            .map(({ state }) => state)
            .join(' '),
        ),
      );
      desk.feed.listen(sagaId('another'), () => told.push('another'));
      desk.store.faults = { beforeCommit: () => Promise.reject(new Error('not stored')) };
      await expect(desk.hear('book', 'RENT', saga)).rejects.toThrow('not stored');
      expect(told).toEqual([]);
      desk.store.faults = {};
      await desk.hear('book', 'RENT', saga);
      await desk.hear('book', 'RENT', saga);
      stop();
      await desk.hear('member', 'RENT', saga);

      expect(told).toEqual(['done awaited awaited']);
    });

    it('with what they were before, to whoever reports them [G4]', async () => {
      const saga = await desk.began(desk.rent(1));
      await desk.hear('book', 'RENT', saga, 'book-not-available');
      await desk.hear('book', 'RENT_CANCEL', saga, 'book-not-found');
      const seen = desk.reported.map(([now, before]) => [before?.status, now.status, now.attention]);

      expect(seen).toEqual([
        [undefined, 'RUNNING', undefined],
        ['RUNNING', 'COMPENSATING', undefined],
        ['COMPENSATING', 'COMPENSATING', 'undo-refused'],
      ]);
    });

    it('as they were stored at last, when another writer came first', async () => {
      const saga = await desk.began(desk.rent(1));
      const told: number[] = [];
      desk.feed.listen(saga, ({ story }) => told.push(story.length));
      let others = 1;
      desk.store.faults = {
        beforeCommit: async () => {
          if (others-- > 0)
            await desk.store.open().change(
              jenny.id,
              [],
              (record) =>
                void desk.orchestrator.answered(record, saga, {
                  participant: 'member',
                  direction: 'do',
                  outcome: 'ok',
                  id: 'r',
                }),
            );
        },
      };
      await desk.hear('book', 'RENT', saga);

      expect(told).toEqual([3]);
    });
  });

  describe('are listed', () => {
    it('newest first, in flight, ended and on their way alike', async () => {
      const first = await desk.rented(1);
      desk.store.archiveLater();
      const second = await desk.rented(2);
      const third = await desk.began(desk.rent(3));
      expect(await ids({ member: jenny.id }, { limit: 10 })).toEqual([third, second, first]);
      desk.store.archiveNow();

      expect(await ids({}, { limit: 10 })).toEqual([third, second, first]);
      expect(await desk.sagas.list({}, { limit: 10 })).not.toHaveProperty('next');
    });

    it('by member, type, status and attention', async () => {
      const renting = await desk.began(desk.rent(1, request(), scott));
      const rented = await desk.rented(2);
      const returning = await desk.began(desk.return(2));
      await desk.hear('book', 'RETURN', returning, 'withdrawn');
      await desk.hear('book', 'RETURN_CANCEL', returning, 'too-late');

      expect(await ids({ member: jenny.id }, { limit: 10 })).toEqual([returning, rented]);
      expect(await ids({ type: 'RENT' }, { limit: 10 })).toEqual([rented, renting]);
      expect(await ids({ status: 'RUNNING' }, { limit: 10 })).toEqual([renting]);
      expect(await ids({ status: 'COMPLETED' }, { limit: 10 })).toEqual([rented]);
      expect(await ids({ attention: true }, { limit: 10 })).toEqual([returning]);
      expect(await ids({ attention: false }, { limit: 10 })).toEqual([rented, renting]);
      expect(await ids({ member: scott.id, status: 'COMPLETED' }, { limit: 10 })).toEqual([]);
    });

    it('without looking through the archive where nothing that has ended can fit [N7]', async () => {
      await desk.rent(1);
      desk.store.archive.listAll = () => Promise.reject(new Error('Nobody looks.'));

      expect(await ids({ status: 'RUNNING' }, { limit: 10 })).toHaveLength(1);
      expect(await ids({ attention: true }, { limit: 10 })).toEqual([]);
      await expect(ids({ status: 'COMPLETED' }, { limit: 10 })).rejects.toThrow('Nobody looks.');
    });

    it('each once, also one in flight that is older than all that one page looks through [N7]', async () => {
      const others = Array.from({ length: 1_150 }, (_, n) => sagaLike(`s${n + 2_000}`, true, 'RETURN', jenny));
      const [running, ended] = [sagaLike('s1001', false, 'RENT', jenny), sagaLike('s1000', true, 'RENT', jenny)];
      await desk.cards.change(jenny.id, [], (record) =>
        [running, ended, ...others].forEach((saga) => record.put(saga)),
      );
      const first = await desk.sagas.list({ type: 'RENT' }, { limit: 5 });
      const second = await desk.sagas.list({ type: 'RENT' }, { limit: 5, before: first.next! });

      expect([first.sagas, second.sagas.map(({ id }) => id), second.next]).toEqual([[], ['s1001', 's1000'], undefined]);
    });

    it('page by page, each once, however they are mixed and whatever is asked for', async () => {
      const anySaga = fc.record({
        ended: fc.boolean(),
        type: fc.constantFrom('RENT' as const, 'RETURN' as const),
        member: fc.constantFrom(jenny, scott),
      });
      const anyFilter = fc.record(
        {
          status: fc.constantFrom('RUNNING' as const, 'COMPLETED' as const),
          type: fc.constantFrom('RENT' as const),
          member: fc.constantFrom(jenny.id, scott.id),
        },
        { requiredKeys: [] },
      );
      const many = fc.array(anySaga, { minLength: 1, maxLength: 30 }).chain((some) =>
        // Beyond what one look into the archive finds.
        fc.constantFrom(1, 40).map((times) => Array.from({ length: times }, () => some).flat()),
      );

      await fc.assert(
        fc.asyncProperty(many, anyFilter, fc.integer({ min: 1, max: 7 }), async (some, filter, limit) => {
          desk = new RentalDesk();
          const all: Saga[] = some.map(({ ended, type, member }, n) =>
            sagaLike(`s${String(n).padStart(5, '0')}`, ended, type, member),
          );
          for (const member of [jenny, scott]) {
            await desk.cards.change(member.id, [], (record) => {
              for (const saga of all) if (saga.announced.idName.id === member.id) record.put(saga);
            });
          }
          const listed: Saga[] = [];
          let before: string | undefined;
          do {
            const page = await desk.sagas.list(filter, { limit, ...(before === undefined ? {} : { before }) });
            expect(page.sagas.length).toBeLessThanOrEqual(limit);
            listed.push(...page.sagas);
            before = page.next;
          } while (before !== undefined);

          const fitting = all.filter(
            (saga) =>
              saga.status === (filter.status ?? saga.status) &&
              saga.type === (filter.type ?? saga.type) &&
              saga.announced.idName.id === (filter.member ?? saga.announced.idName.id),
          );
          expect(listed.map(({ id }) => id)).toEqual(fitting.map(({ id }) => id).toReversed());
        }),
        { numRuns: 25 },
      );
    });
  });
});

function sagaLike(id: string, ended: boolean, type: 'RENT' | 'RETURN', idName: typeof jenny): Saga {
  const status = ended ? 'COMPLETED' : 'RUNNING';
  return {
    id: sagaId(id),
    type,
    definition: 1,
    status,
    announced: { idName, point: 10 },
    steps: {},
    cause: { correlation: 'c' },
    story: [],
    startedAt: 0,
    since: 0,
    resent: 0,
    ...(hasEnded({ status }) ? {} : { dueAt: 0 }),
  };
}
