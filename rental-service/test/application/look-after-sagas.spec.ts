import { memberId } from '@library/shared-kernel/domain/identifiers';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { Fault } from '@library/shared-kernel/store/fault';
import { LookAfterSagas } from '../../src/application/look-after-sagas';
import { Orchestrator } from '../../src/application/orchestrator';
import { jenny, RentalDesk, request, scott } from './rental-desk';

describe('Looking after sagas', () => {
  let desk: RentalDesk;

  beforeEach(() => {
    desk = new RentalDesk();
  });

  it('asks again what is due, and nothing else [F1]', async () => {
    const saga = await desk.began(desk.rent(1));
    await desk.publish();
    await desk.clock.advance(1_999);
    expect(await desk.lookAfter.execute()).toBe(0);
    await desk.clock.advance(1);
    await desk.rent(2);
    expect(await desk.lookAfter.execute()).toBe(1);

    expect(await desk.publish()).toEqual([expect.stringMatching(/:rent:do$/u), `${saga}:rent:do`]);
    expect(await desk.lookAfter.execute()).toBe(0);
  });

  it('never adds an announcement to the outbox while it waits there, and holds that against nobody [B6b]', async () => {
    const saga = await desk.began(desk.rent(1));
    for (let looks = 0; looks < 100; looks++) {
      await desk.clock.advance(2_000);
      expect(await desk.lookAfter.execute()).toBe(1);
    }

    expect(await desk.sagas.find(saga)).toMatchObject({ status: 'RUNNING', attention: 'not-heard', resent: 0 });
    expect(await desk.publish()).toEqual([`${saga}:rent:do`]);
    for (const participant of ['book', 'member', 'bestbook'] as const) await desk.hear(participant, 'RENT', saga);
    expect((await desk.sagas.find(saga))?.status).toBe('COMPLETED');
  });

  it('gives up when the announcement has expired and its silence was heard, not before [F2 B6b]', async () => {
    const saga = await desk.began(desk.rent(1));
    await desk.publish();
    desk.hearing.heard = false;
    await desk.clock.advance(130_000);
    await desk.lookAfter.execute();
    expect((await desk.sagas.find(saga))?.status).toBe('RUNNING');
    desk.hearing.heard = true;
    await desk.clock.advance(2_000);
    await desk.lookAfter.execute();

    expect(await desk.sagas.find(saga)).toMatchObject({ status: 'COMPENSATING', reason: 'expired' });
    expect(await desk.publish()).toEqual([`${saga}:rent:undo`]);
  });

  it('listens before it looks', async () => {
    const saga = await desk.began(desk.rent(1));
    await desk.publish();
    desk.hearing.listen = async () => void (desk.hearing.heard = false);
    await desk.clock.advance(130_000);
    await desk.lookAfter.execute();

    expect((await desk.sagas.find(saga))?.status).toBe('RUNNING');
  });

  it('looks at a due time that is implausibly far ahead, and sets it anew [K2b]', async () => {
    await desk.rent(1);
    await desk.publish();
    desk.clock.jump(-60 * 60_000);
    expect(await desk.lookAfter.execute()).toBe(1);

    expect(desk.store.get(jenny.id)?.dueAt).toBeLessThanOrEqual(desk.clock.now() + DEFAULT_TIMING.longestWaitMs);
  });

  it('does not let a card that fails keep the others waiting, and tells of it [B9]', async () => {
    const fault = new Fault('store-unreachable', 'The store cannot be reached.');
    await desk.rent(1);
    await desk.clock.advance(1);
    const other = await desk.began(desk.rent(1, request(), scott));
    await Promise.all([desk.publish(), desk.publish(scott.id)]);
    await desk.clock.advance(2_000);
    desk.store.faults = { beforeCommit: (id) => (id === jenny.id ? Promise.reject(fault) : undefined) };

    await expect(desk.lookAfter.execute()).rejects.toBe(fault);
    expect((await desk.sagas.find(other))?.resent).toBe(1);
  });

  /** How often five looks have asked again for a saga that is due after all others. */
  const resent = async (): Promise<number | undefined> => {
    const saga = await desk.began(desk.rent(1));
    await desk.publish();
    await desk.clock.advance(2_000);
    for (let looks = 0; looks < 5; looks++) await desk.lookAfter.execute().catch(() => undefined);
    return (await desk.sagas.find(saga))?.resent;
  };

  describe('when more cards than it takes at once stay due', () => {
    const members = Array.from({ length: 250 }, (_, n) => ({ id: memberId(`member-${n}`), name: 'm' }));

    it('gets to the others, though only a newer release can end those [B9 O5]', async () => {
      for (const member of members) {
        const saga = await desk.began(desk.rent(1, request(), member));
        await desk.cards.change(member.id, [], (record) => record.put({ ...record.saga(saga)!, definition: 99 }));
      }
      await desk.clock.advance(1);

      expect(await resent()).toBe(1);
    });

    it('gets to the others, though looking after those always fails [B9]', async () => {
      for (const member of members) await desk.rent(1, request(), member);
      await desk.clock.advance(1);
      desk.store.faults = {
        beforeCommit: (id) => (id === jenny.id ? undefined : Promise.reject(new TypeError('A bug of ours.'))),
      };

      expect(await resent()).toBe(1);
    });
  });

  it('has one of two instances ask that look at the same time [J4 C14]', async () => {
    const saga = await desk.began(desk.rent(1));
    await desk.publish();
    await desk.clock.advance(2_000);
    const other = new LookAfterSagas(
      desk.store.open(),
      new Orchestrator(desk.clock, DEFAULT_TIMING, desk.hearing),
      desk.hearing,
      desk.clock,
      DEFAULT_TIMING,
    );
    await Promise.all([desk.lookAfter.execute(), other.execute()]);

    expect(desk.store.conflicts).toBeGreaterThan(0);
    expect((await desk.sagas.find(saga))?.resent).toBe(1);
  });

  it('gets to all of them, however many are due at once [B6]', async () => {
    const members = Array.from({ length: 450 }, (_, n) => ({ id: memberId(`member-${n}`), name: 'm' }));
    for (const member of members) await desk.rent(1, request(), member);
    for (const { id } of members) await desk.publish(id);
    await desk.clock.advance(2_000);

    expect([
      await desk.lookAfter.execute(),
      await desk.lookAfter.execute(),
      await desk.lookAfter.execute(),
      await desk.lookAfter.execute(),
    ]).toEqual([200, 200, 50, 0]);
  });
});
