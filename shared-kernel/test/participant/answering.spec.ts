import { messageOf } from '@library/shared-kernel/testing/tally';
import { Tampered } from '../../src/messaging/reaction';
import { OUTBOX_LIMIT } from '../../src/outbox/outbox';
import { Fault } from '../../src/store/fault';
import { asked, AT, cancelled, confirmed, DAY, jenny, MINUTE, PurseDesk, returnCancelled, returned } from './purses';

/** The newest moment at which an announcement is still acted on. */
const LATEST = 2 * MINUTE + 10 * MINUTE;
const item = { no: 1, title: '누구를 위하여 종을 울리나?' };

/** A whole answer to jenny's rent, as it is put into the outbox. */
const answer = (direction: 'do' | 'undo', reason?: string) => ({
  id: `s1:member:${direction}:${reason ?? 'ok'}`,
  topic: 'rental_result',
  body: {
    eventType: direction === 'do' ? 'RENT' : 'RENT_CANCEL',
    idName: jenny,
    item,
    point: 10,
    success: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
  },
  time: AT,
  saga: 's1',
  correlation: 'request-1',
  causation: `s1:rent:${direction}`,
  participant: 'member',
  traceparent: '00-trace-01',
});

const crowd = (size: number) => Array.from({ length: size }, (_, n) => messageOf(`waiting ${n}`));

describe('A participant', () => {
  let desk: PurseDesk;

  beforeEach(async () => {
    desk = new PurseDesk();
    await desk.buy();
  });

  describe('that is asked to do its part', () => {
    it('does it once, and repeats the answer as often as it is asked [D1 B5]', async () => {
      expect(await desk.tell(asked('s1'))).toEqual({ outcome: 'applied', answers: [answer('do')] });
      await desk.clock.advance(1_000);
      for (let n = 0; n < 3; n++) {
        const repeated = { ...answer('do'), time: expect.any(Number) as number };
        expect(await desk.tell(asked('s1'))).toEqual({ outcome: 'repeated', answers: [repeated] });
      }

      expect(await desk.coins()).toBe(10);
    });

    it('knows a repeated message by its saga, whatever its id [D6]', async () => {
      await desk.tell(asked('s1'));

      expect((await desk.tell(asked('s1', { id: 'another' }))).outcome).toBe('repeated');
      expect(await desk.coins()).toBe(10);
    });

    it('calls a message tampered that asks for something else than the one before, and does nothing [D5]', async () => {
      await desk.tell(asked('s1'));
      const more = { body: { idName: jenny, item, point: 1_000 } };

      await expect(desk.tell(asked('s1', more))).rejects.toThrow(Tampered);
      await expect(desk.tell(cancelled('s1', { body: { ...more.body, reason: 'expired' } }))).rejects.toThrow(Tampered);
      expect(await desk.coins()).toBe(10);
      expect(await desk.answerTo(cancelled('s1'))).toBe('ok');
    });

    it('repeats a refusal, also when its cause is gone and nothing was there before [A6 A6b]', async () => {
      desk = new PurseDesk();
      expect(await desk.tell(asked('s1'))).toEqual({ outcome: 'refused', answers: [answer('do', 'member-not-found')] });
      expect(await desk.coins()).toBeUndefined();
      await desk.buy();

      expect((await desk.tell(asked('s1'))).outcome).toBe('repeated');
      expect(await desk.answerTo(asked('s1'))).toBe('member-not-found');
      expect(await desk.coins()).toBe(0);
      expect(await desk.answerTo(cancelled('s1'))).toBe('ok');
      expect(await desk.coins()).toBe(0);
      expect(await desk.answerTo(asked('s2'))).toBe('ok');
    });

    it('stores effect, fence and answer together: a commit that fails leaves nothing of them, one whose answer is lost all of them [C8 C9 G7]', async () => {
      const fault = new Fault('store-unreachable', 'The store cannot be reached.');
      desk.store.faults = { beforeCommit: () => Promise.reject(fault) };
      await expect(desk.tell(asked('s1'))).rejects.toBe(fault);
      expect([await desk.coins(), await desk.fenceOf('s1')]).toEqual([0, undefined]);

      desk.store.faults = { afterCommit: () => Promise.reject(fault) };
      await expect(desk.tell(asked('s1'))).rejects.toBe(fault);
      desk.store.faults = {};
      expect(await desk.tell(asked('s1'))).toEqual({ outcome: 'repeated', answers: [answer('do')] });
      expect(await desk.coins()).toBe(10);
    });

    it('does it once when two instances are asked at the same time [D8]', async () => {
      const both = await Promise.all([desk.tell(asked('s1')), desk.tell(asked('s1'), desk.store.open())]);

      expect(both.map(({ outcome }) => outcome).toSorted()).toEqual(['applied', 'repeated']);
      expect(desk.store.conflicts).toBeGreaterThan(0);
      expect(await desk.coins()).toBe(10);
    });
  });

  describe('that is asked to undo it', () => {
    it('undoes exactly what it did, once, and answers withdrawn from then on [E2 G11]', async () => {
      await desk.tell(asked('s1'));
      expect(await desk.tell(cancelled('s1'))).toEqual({ outcome: 'applied', answers: [answer('undo')] });
      expect((await desk.tell(cancelled('s1'))).outcome).toBe('repeated');

      expect(await desk.tell(asked('s1'))).toEqual({ outcome: 'withdrawn', answers: [answer('do', 'withdrawn')] });
      expect(await desk.coins()).toBe(0);
    });

    it('answers ok when it never heard of it, and does nothing when that comes later [E1 G11]', async () => {
      await desk.buy(5);
      expect(await desk.answerTo(cancelled('s1'))).toBe('ok');
      expect(await desk.answerTo(asked('s1'))).toBe('withdrawn');
      expect(await desk.answerTo(cancelled('s1'))).toBe('ok');
      expect(await desk.answerTo(asked('s1'))).toBe('withdrawn');

      expect(await desk.coins()).toBe(5);
    });

    it('fences a cancel off also where there is no record yet [E1]', async () => {
      desk = new PurseDesk();
      await desk.tell(cancelled('s1'));
      await desk.buy();

      expect(await desk.answerTo(asked('s1'))).toBe('withdrawn');
      expect(await desk.coins()).toBe(0);
    });

    it('decides anew each time while it cannot, so that a repaired cause ends it [A16 A17]', async () => {
      await desk.tell(asked('s1'));
      await desk.buy(-10);
      expect(await desk.answerTo(cancelled('s1'))).toBe('not-enough-points');
      expect(await desk.tell(cancelled('s1'))).toEqual({
        outcome: 'refused',
        answers: [answer('undo', 'not-enough-points')],
      });
      expect(await desk.answerTo(asked('s1'))).toBe('ok');
      await desk.buy(10);

      expect(await desk.answerTo(cancelled('s1'))).toBe('ok');
      expect(await desk.coins()).toBe(0);
    });

    it('leaves the effects of other sagas alone [E12]', async () => {
      await desk.tell(asked('s1'));
      await desk.tell(asked('s2'));
      await desk.tell(cancelled('s1'));

      expect(await desk.coins()).toBe(10);
      expect(await desk.answerTo(asked('s2'))).toBe('ok');
    });
  });

  describe('that is asked too late', () => {
    it('does nothing any more, answers expired, and remembers nothing: a fresh copy is done [D4c F3]', async () => {
      await desk.clock.advance(LATEST + 1);
      expect(await desk.tell(asked('s1'))).toEqual({
        outcome: 'expired',
        answers: [{ ...answer('do', 'expired'), time: AT + LATEST + 1 }],
      });
      expect(await desk.coins()).toBe(0);

      expect(await desk.answerTo(asked('s1', { expires: AT + LATEST + 2 * MINUTE }))).toBe('ok');
      expect(await desk.coins()).toBe(10);
    });

    it('allows for clocks that differ: ten minutes past the expiry it still does its part [K1]', async () => {
      await desk.clock.advance(LATEST);

      expect(await desk.answerTo(asked('s1'))).toBe('ok');
    });

    it('looks at what it remembers first, then at the expiry', async () => {
      await desk.tell(asked('s1'));
      await desk.clock.advance(LATEST + 1);

      expect(await desk.answerTo(asked('s1'))).toBe('ok');
    });

    it('remembers for seven days past the expiry, and then refuses because it has expired [D4 D11 R2]', async () => {
      await desk.tell(asked('s1'));
      await desk.clock.advance(7 * DAY + 2 * MINUTE - 1);
      await desk.forgetFences();
      expect(await desk.answerTo(asked('s1'))).toBe('ok');

      await desk.clock.advance(1);
      await desk.forgetFences();
      expect(await desk.fenceOf('s1')).toBeUndefined();
      expect(await desk.answerTo(asked('s1'))).toBe('expired');
      expect(await desk.answerTo(asked('s1', { expires: AT + 365 * DAY }))).toBe('expired');
      expect(await desk.answerTo(asked('older', { time: AT - 1, expires: AT + 365 * DAY }))).toBe('expired');
      expect(await desk.coins()).toBe(10);
      expect(await desk.answerTo(asked('newer', { time: AT + 1, expires: AT + 365 * DAY }))).toBe('ok');
    });
  });

  describe('that has forgotten a saga and is asked to undo it', () => {
    beforeEach(async () => {
      await desk.tell(asked('s1'));
      await desk.clock.advance(8 * DAY);
      await desk.forgetFences();
    });

    it('undoes what its record or its ledger still shows, once [D4b]', async () => {
      desk.recall = async () => ({ coins: 10 });

      expect((await desk.tell(cancelled('s1'))).outcome).toBe('applied');
      expect((await desk.tell(cancelled('s1'))).outcome).toBe('repeated');
      expect(await desk.answerTo(asked('s1'))).toBe('withdrawn');
      expect(await desk.coins()).toBe(0);
    });

    it('answers ok where they show that there is nothing to undo [D4b]', async () => {
      expect(await desk.answerTo(cancelled('s1'))).toBe('ok');
      expect(await desk.coins()).toBe(10);
    });

    it('answers too-late where neither can tell, and decides anew each time [D4b]', async () => {
      desk.recall = () => 'unknown';
      expect((await desk.tell(cancelled('s1'))).outcome).toBe('too-late');
      expect(await desk.answerTo(cancelled('s1'))).toBe('too-late');
      desk.recall = () => ({ coins: 10 });

      expect(await desk.answerTo(cancelled('s1'))).toBe('ok');
      expect(await desk.coins()).toBe(0);
    });

    it('refuses, and remembers nothing, when what is shown cannot be undone now [A17]', async () => {
      desk.recall = () => ({ coins: 11 });
      expect(await desk.answerTo(cancelled('s1'))).toBe('not-enough-points');
      await desk.buy(1);

      expect(await desk.answerTo(cancelled('s1'))).toBe('ok');
      expect(await desk.coins()).toBe(0);
    });

    it('undoes it once when two instances look it up at the same time', async () => {
      await desk.buy(100);
      desk.recall = async () => ({ coins: 10 });
      const both = await Promise.all([desk.tell(cancelled('s1')), desk.tell(cancelled('s1'), desk.store.open())]);

      expect(both.map(({ outcome }) => outcome).toSorted()).toEqual(['applied', 'repeated']);
      expect(await desk.coins()).toBe(100);
    });

    it('looks nothing up for a saga that is newer than all it has forgotten', async () => {
      desk.recall = () => Promise.reject(new Error('Nobody looks.'));

      expect(await desk.answerTo(cancelled('s2', { announced: AT + 1 }))).toBe('ok');
    });
  });

  describe('and messages that are not its own', () => {
    it('ignores what does not await it', async () => {
      expect(await desk.tell(asked('s1', { awaits: ['book', 'bestbook'] }))).toEqual({
        outcome: 'not-awaited',
        answers: [],
      });
      expect(await desk.fenceOf('s1')).toBeUndefined();
      expect(await desk.coins()).toBe(0);
    });

    it('takes a message that names nobody and never expires, from a foreign producer, for its own', async () => {
      const { awaits: _awaits, expires: _expires, ...foreign } = asked('s1');
      await desk.clock.advance(DAY);

      expect(await desk.answerTo(foreign)).toBe('ok');
      await desk.clock.advance(7 * DAY + 2 * MINUTE - 1);
      await desk.forgetFences();
      expect(await desk.answerTo(foreign)).toBe('ok');
      await desk.clock.advance(1);
      await desk.forgetFences();
      expect(await desk.answerTo(foreign)).toBe('expired');
      expect(await desk.coins()).toBe(10);
    });

    it('reads the topics in which it has a part', () => {
      expect(desk.answering.topics).toEqual([
        'rental_rent',
        'rental_rent_cancel',
        'rental_return',
        'rental_return_cancel',
        'overdue_clear',
        'overdue_clear_cancel',
      ]);
      expect(new PurseDesk('book').answering.topics).toContain('rental_return_confirm');
    });
  });

  describe('whose messages cannot be published', () => {
    it('holds new announcements back, and goes on answering what it knows, cancels and confirms', async () => {
      await desk.tell(asked('known'));
      await desk.records.change(jenny.id, [], ({ outbox }) => outbox.add(...crowd(OUTBOX_LIMIT)));
      const outcome = async (message: Parameters<typeof desk.react>[0], of = desk) => {
        const reaction = of.react(message)!;
        return of.records.change(reaction.record, reaction.about, (purse) => reaction.decide(purse) as string);
      };

      await expect(outcome(asked('s1'))).rejects.toMatchObject({ name: 'Fault', code: 'outbox-full', retryable: true });
      expect(await desk.fenceOf('s1')).toBeUndefined();
      expect(await outcome(asked('known'))).toBe('repeated');
      expect(await outcome(cancelled('known'))).toBe('applied');
      expect(await outcome(cancelled('s2'))).toBe('applied');

      const book = new PurseDesk('book');
      await book.records.change(jenny.id, [], ({ outbox }) => outbox.add(...crowd(OUTBOX_LIMIT)));
      expect(await outcome(confirmed('s3'), book)).toBe('applied');
    });

    it('takes a batch that is larger than the limit, else it could never get on', async () => {
      const reactions = Array.from({ length: 3 * OUTBOX_LIMIT }, (_, n) => desk.react(asked(`s${n}`))!);
      const outcomes = await desk.records.change(
        jenny.id,
        reactions.flatMap(({ about }) => about),
        (purse) => reactions.map((reaction) => reaction.decide(purse)),
      );

      expect(new Set(outcomes)).toEqual(new Set(['applied']));
      expect(await desk.coins()).toBe(10 * 3 * OUTBOX_LIMIT);
      const held = desk.react(asked('one more'))!;
      await expect(desk.records.change(jenny.id, held.about, (purse) => void held.decide(purse))).rejects.toThrow(
        Fault,
      );
    });
  });

  describe('that only catches up', () => {
    it('does its part in silence, however old it is, and answers once it has caught up', async () => {
      desk.silent = true;
      await desk.clock.advance(365 * DAY);
      expect(await desk.tell(asked('s1'))).toEqual({ outcome: 'applied', answers: [] });
      expect(await desk.tell(asked('s2'))).toEqual({ outcome: 'applied', answers: [] });
      expect(await desk.tell(cancelled('s2'))).toEqual({ outcome: 'applied', answers: [] });
      expect(await desk.coins()).toBe(10);

      desk.silent = false;
      expect(await desk.answerTo(asked('s1'))).toBe('ok');
      expect(await desk.answerTo(asked('s3'))).toBe('expired');
    });
  });
});

describe('A participant that must confirm', () => {
  let desk: PurseDesk;
  const confirmations = async () => (await desk.records.read(jenny.id))?.confirmations ?? 0;

  beforeEach(() => {
    desk = new PurseDesk('book');
  });

  it('makes it final once, and repeats the answer [A20]', async () => {
    await desk.tell(returned('s1'));
    const { outcome, answers } = await desk.tell(confirmed('s1'));

    expect(outcome).toBe('applied');
    expect(answers).toEqual([
      {
        ...answer('do'),
        id: 's1:book:confirm:ok',
        body: { eventType: 'RETURN_CONFIRM', idName: jenny, item, point: 10, success: true },
        causation: 's1:return:confirm',
        participant: 'book',
      },
    ]);
    expect((await desk.tell(confirmed('s1'))).outcome).toBe('repeated');
    expect(await confirmations()).toBe(1);
  });

  it('confirms also what it has forgotten, which is harmless', async () => {
    expect(await desk.answerTo(confirmed('s1'))).toBe('ok');
    expect(await desk.fenceOf('s1')).toBeUndefined();
  });

  it('confirms nothing that was undone', async () => {
    await desk.tell(returned('s1'));
    await desk.tell(returnCancelled('s1'));

    expect(await desk.answerTo(confirmed('s1'))).toBe('withdrawn');
    expect(await confirmations()).toBe(0);
  });

  it('still remembers what it did, and for as long as before, when it has confirmed', async () => {
    await desk.tell(returned('s1'));
    const before = await desk.fenceOf('s1');
    await desk.tell(confirmed('s1'));

    expect(await desk.fenceOf('s1')).toEqual({ ...before, confirmed: true });
    expect((await desk.records.read(jenny.id, ['s1']))?.entries.until('s1')).toBe(AT + 2 * MINUTE + 7 * DAY);
  });
});
