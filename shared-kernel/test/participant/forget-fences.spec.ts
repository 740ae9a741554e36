import { idempotencyKey, sagaId } from '../../src/domain/identifiers';
import { ForgetFences } from '../../src/participant/forget-fences';
import { entryOf } from '../../src/store/kept-answer';
import { withChange } from '../../src/store/with-change';
import { AT, jenny, PurseDesk } from './purses';

const fence = (announced: number) => ({ asked: 'hash', answer: 'ok', effect: 'nothing', announced }) as const;

describe('Forgetting fences', () => {
  let desk: PurseDesk;

  beforeEach(() => {
    desk = new PurseDesk();
  });

  const keep = (sagas: readonly string[], until: number, announced = AT) =>
    desk.records.change(jenny.id, sagas, ({ fences }) =>
      sagas.forEach((saga) => fences.put(sagaId(saga), fence(announced), until)),
    );

  it('keeps the newest announcement that was forgotten, and nothing else of them', async () => {
    await keep(['s1'], AT + 1, AT - 3);
    await keep(['s2'], AT + 1, AT - 5);
    await keep(['s3'], AT + 2, AT);
    await desk.clock.advance(1);
    await desk.forgetFences();

    const purse = await desk.records.read(jenny.id, ['s1', 's2', 's3']);
    expect([purse?.fences.of(sagaId('s1')), purse?.fences.of(sagaId('s2'))]).toEqual([undefined, undefined]);
    expect(purse?.fences.of(sagaId('s3'))).toEqual(fence(AT));
    expect(purse?.fences.newestForgotten).toBe(AT - 3);
  });

  it('gets through all of them at once, however many there are', async () => {
    await keep(
      Array.from({ length: 1_200 }, (_, n) => `s${n}`),
      AT,
    );
    await desk.forgetFences();

    expect(await desk.records.findExpiredEntries(AT, 1)).toEqual([]);
  });

  it('forgets kept answers too, which say nothing about announcements', async () => {
    const key = entryOf(idempotencyKey('once'));
    await desk.records.change(jenny.id, [key], ({ entries }) => entries.set(key, { asked: 'hash', answer: 1 }, AT));
    await desk.forgetFences();

    const purse = await desk.records.read(jenny.id, [key]);
    expect(purse?.entries.get(key)).toBeUndefined();
    expect(purse?.fences.newestForgotten).toBeUndefined();
  });

  it('leaves one alone that was written anew since it was found [J6]', async () => {
    await keep(['s1'], AT);
    const late = withChange(desk.records, async (id, about, decide) => {
      await keep(['s1'], AT + 1_000);
      return desk.records.change(id, about, decide);
    });
    await new ForgetFences(late, desk.clock).execute();

    expect(await desk.fenceOf('s1')).toEqual(fence(AT));
  });
});
