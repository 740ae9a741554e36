import { memberId } from '@library/shared-kernel/domain/identifiers';
import { OUTBOX_LIMIT } from '@library/shared-kernel/outbox/outbox';
import { withChange } from '@library/shared-kernel/store/with-change';
import { messageOf } from '@library/shared-kernel/testing/tally';
import { ForgetKeys } from '../../src/application/forget-keys';
import { KEY_LIMIT } from '../../src/application/request';
import { jenny, RentalDesk, request, scott } from './rental-desk';

const DAY = 24 * 60 * 60_000;

describe('A request', () => {
  let desk: RentalDesk;

  beforeEach(() => {
    desk = new RentalDesk();
  });

  const sagas = async (member = jenny.id) => (await desk.cards.read(member))?.inFlight ?? [];
  const keys = async () => (await desk.cards.read(jenny.id))?.keptKeys;

  describe('that starts a saga', () => {
    it('takes the slot, starts the saga and puts its announcement into the outbox in one commit [G7]', async () => {
      const saga = await desk.began(desk.rent(1, request('once')));

      expect(desk.store.commits).toBe(1);
      expect(await desk.itemStates()).toEqual(['1 RENTING']);
      expect(await desk.publish()).toEqual([`${saga}:rent:do`]);
      expect((await desk.sagas.find(saga))?.status).toBe('RUNNING');
    });

    it('answers the second one for the same book with the saga that is running [M1 A10]', async () => {
      const [first, second] = await Promise.all([desk.began(desk.rent(1)), desk.began(desk.rent(1))]);
      expect(second).toBe(first);
      await desk.rented(2);
      const returning = await desk.began(desk.return(2));

      expect(await desk.began(desk.return(2))).toBe(returning);
      expect((await sagas()).map(({ id }) => id)).toEqual([first, returning]);
    });

    it.each([
      ['10 books at once on an empty card [L2]', 0, 10, 5],
      ['two at once on a card with four [L3]', 4, 2, 1],
    ])('takes no more than five books: %s', async (_what, before, asked, taken) => {
      for (let no = 1; no <= before; no++) await desk.rented(no);
      const instances = Array.from({ length: asked }, () => desk.store.open());
      const answers = await Promise.all(instances.map((cards, n) => desk.rent(10 + n, request(), jenny, cards)));

      expect(answers.filter((answer) => 'saga' in answer)).toHaveLength(taken);
      expect(await desk.itemStates()).toHaveLength(5);
      expect(await sagas()).toHaveLength(taken);
    });

    it('opens one card, however many come first [A3 I5]', async () => {
      const instances = Array.from({ length: 50 }, () => desk.store.open());
      await Promise.all(instances.map((cards, n) => desk.rent(n + 1, request(), jenny, cards)));

      expect(desk.store.all()).toHaveLength(1);
      expect(await desk.itemStates()).toHaveLength(5);
    });

    it('opens a card for a rent only', async () => {
      expect(await desk.return(1)).toEqual({ refused: 'card-not-found' });
      expect(await desk.clear(10)).toEqual({ refused: 'card-not-found' });
      expect(desk.store.all()).toEqual([]);
    });

    it('is held off while too many messages of its card wait, with nothing decided [H2]', async () => {
      await desk.rented(1);
      await desk.cards.change(jenny.id, [], ({ outbox }) =>
        outbox.add(...Array.from({ length: OUTBOX_LIMIT }, (_, n) => messageOf(`m${n}`))),
      );

      await expect(desk.rent(2, request('once'))).rejects.toMatchObject({
        name: 'Fault',
        code: 'outbox-full',
        retryable: true,
      });
      await expect(desk.return(1)).rejects.toMatchObject({ code: 'outbox-full' });
      expect([await desk.itemStates(), await keys()]).toEqual([['1 RENTED'], 0]);
    });
  });

  describe('while answers to earlier sagas wait too long to be read', () => {
    it('begins no saga, with nothing decided, until they are read [H13]', async () => {
      await desk.rented(1);
      desk.hearing.behindMs = 30_001;

      await expect(desk.rent(2, request('once'))).rejects.toMatchObject({ code: 'overloaded', retryable: true });
      await expect(desk.return(1)).rejects.toMatchObject({ code: 'overloaded' });
      expect([await desk.itemStates(), await keys()]).toEqual([['1 RENTED'], 0]);
      desk.hearing.behindMs = 30_000;
      await desk.began(desk.rent(2, request('once')));
      expect(await desk.itemStates()).toEqual(['1 RENTED', '2 RENTING']);
    });

    it('is answered all the same when that begins none, and answers are taken [H13]', async () => {
      const saga = await desk.began(desk.rent(1, request('once')));
      desk.hearing.behindMs = 60_000;

      expect(await desk.rent(1, request('once'))).toEqual({ saga });
      expect(await desk.rent(1)).toEqual({ saga });
      for (const participant of ['book', 'member', 'bestbook'] as const) await desk.hear(participant, 'RENT', saga);
      expect(await desk.itemStates()).toEqual(['1 RENTED']);
      expect(await desk.rent(1)).toMatchObject({ refused: 'already-rented' });
    });
  });

  describe('with a key', () => {
    it('is answered as it was the first time, whatever has become of it [G14 M2 C2]', async () => {
      const saga = await desk.began(desk.rent(1, request('once')));
      expect(await desk.rent(1, request('once'))).toEqual({ saga });
      await desk.hear('book', 'RENT', saga, 'book-not-available');
      for (const participant of ['book', 'member', 'bestbook'] as const)
        await desk.hear(participant, 'RENT_CANCEL', saga);

      expect(await desk.itemStates()).toEqual([]);
      expect(await desk.rent(1, request('once'))).toEqual({ saga });
      expect(await sagas()).toEqual([]);
    });

    it('is answered alike by two instances at once [M2]', async () => {
      const both = await Promise.all([
        desk.rent(1, request('once')),
        desk.rent(1, request('once'), jenny, desk.store.open()),
      ]);

      expect(both[0]).toEqual(both[1]);
      expect(await sagas()).toHaveLength(1);
      expect(await keys()).toBe(1);
    });

    it('is refused again when it was, though it would be taken now', async () => {
      for (let no = 1; no <= 5; no++) await desk.rented(no);
      expect(await desk.rent(6, request('once'))).toEqual({ refused: 'limit-reached' });
      const returning = await desk.began(desk.return(1));
      for (const participant of ['book', 'member'] as const) await desk.hear(participant, 'RETURN', returning);

      expect(await desk.rent(6, request('once'))).toEqual({ refused: 'limit-reached' });
      expect(await desk.rent(6, request('another'))).toHaveProperty('saga');
    });

    it('keeps the answer that named a running saga', async () => {
      const saga = await desk.began(desk.rent(1));
      expect(await desk.rent(1, request('late'))).toEqual({ saga });
      for (const participant of ['book', 'member', 'bestbook'] as const) await desk.hear(participant, 'RENT', saga);

      expect(await desk.rent(1, request('late'))).toEqual({ saga });
      expect(await desk.rent(1, request('later'))).toEqual({ refused: 'already-rented' });
    });

    it('is a misuse when the key comes with something else, and nothing happens [M3]', async () => {
      await desk.rent(1, request('once'));

      expect(await desk.rent(2, request('once', 'something else'))).toEqual({ misused: 'idempotency-key-reused' });
      expect(await desk.itemStates()).toEqual(['1 RENTING']);
    });

    it("knows nothing of another member's keys [M4]", async () => {
      const [hers, his] = [
        await desk.began(desk.rent(1, request('once'))),
        await desk.began(desk.rent(1, request('once'), scott)),
      ];

      expect(hers).not.toBe(his);
      expect((await sagas(memberId('scott'))).map(({ id }) => id)).toEqual([his]);
    });

    it('is a misuse when its card keeps a thousand others, until their time has come [M5]', async () => {
      const forget = new ForgetKeys(desk.cards, desk.clock);
      await desk.rent(1);
      await desk.cards.change(
        jenny.id,
        Array.from({ length: KEY_LIMIT }, (_, n) => `key-${n}`),
        (record) => {
          for (let n = 0; n < KEY_LIMIT; n++)
            record.keep(
              request(`key-${n}`).key!,
              { asked: 'hash', answer: { refused: 'expired' } },
              desk.clock.now() + DAY,
            );
        },
      );
      expect(await desk.rent(2, request('once'))).toEqual({ misused: 'too-many-keys' });
      expect(await desk.rent(2)).toHaveProperty('saga');
      await desk.clock.advance(DAY - 1);
      await forget.execute();
      expect(await keys()).toBe(KEY_LIMIT);
      await desk.clock.advance(1);
      await forget.execute();

      expect(await keys()).toBe(0);
      expect(await desk.rent(3, request('once'))).toHaveProperty('saga');
    });

    it('keeps an answer that was given anew while the old one was being forgotten', async () => {
      await desk.rent(1, request('once'));
      await desk.clock.advance(DAY);
      const late = withChange(desk.cards, async (id, about, decide) => {
        const again = { asked: 'hash', answer: { refused: 'expired' } } as const;
        await desk.cards.change(id, about, (record) => {
          record.forget(request('once').key!);
          record.keep(request('once').key!, again, desk.clock.now() + DAY);
        });
        return desk.cards.change(id, about, decide);
      });
      await new ForgetKeys(late, desk.clock).execute();

      expect(await desk.rent(1, request('once', 'hash'))).toEqual({ refused: 'expired' });
    });
  });
});
