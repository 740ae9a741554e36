import { sagaId } from '@library/shared-kernel/domain/identifiers';
import { localDate } from '@library/shared-kernel/domain/local-date';
import type { RentalSaga } from '../../src/application/sagas/rental-sagas';
import { definitionOf, RENTAL_SAGAS } from '../../src/application/sagas/rental-sagas';
import { rentSaga } from '../../src/application/sagas/rent.saga';
import { jenny, request, RentalDesk, book } from './rental-desk';

/** What a release does that defines a saga anew: the new version begins, the old one is kept for what is in flight. */
describe('A saga that is defined anew', () => {
  const definitions = RENTAL_SAGAS as RentalSaga[];
  const agreedBy: string[] = [];
  const told = (definition: RentalSaga, name: string): RentalSaga => ({
    ...definition,
    agreed: (card, saga) => {
      agreedBy.push(name);
      return definition.agreed(card, saga);
    },
  });
  const first = told(rentSaga, 'version 1');
  const second: RentalSaga = { ...told(rentSaga, 'version 2'), version: 2, awaits: ['book'] };
  const before = [...definitions];
  let desk: RentalDesk;

  beforeEach(() => {
    desk = new RentalDesk();
    agreedBy.length = 0;
    definitions.splice(0, definitions.length, second, ...before.map((each) => (each === rentSaga ? first : each)));
  });
  afterEach(() => {
    definitions.splice(0, definitions.length, ...before);
  });

  async function begunBySecond() {
    const saga = sagaId('second');
    await desk.cards.change(jenny.id, [], (record) => {
      const announced = record.cardOf(jenny).rent(book(2), saga, localDate('2023-02-11'));
      if ('refused' in announced) throw new Error(announced.refused);
      desk.orchestrator.begin(record, second, saga, announced, request().cause, desk.clock.now());
    });
    return saga;
  }

  it('ends by the version that it began with: it awaits whom that one awaits, and is completed as that one says [O4]', async () => {
    const old = await desk.began(desk.rent(1));
    const young = await begunBySecond();
    await desk.hear('book', 'RENT', old);
    await desk.hear('book', 'RENT', young);

    expect((await desk.sagas.find(young))?.status).toBe('COMPLETED');
    expect((await desk.sagas.find(old))?.status).toBe('RUNNING');
    await desk.hear('member', 'RENT', old);
    await desk.hear('bestbook', 'RENT', old);

    expect((await desk.sagas.find(old))?.status).toBe('COMPLETED');
    expect(agreedBy).toEqual(['version 2', 'version 1']);
    expect(await desk.itemStates()).toEqual(['1 RENTED', '2 RENTED']);
  });

  it('is found by type and version both, and by neither alone [O4 O5]', () => {
    expect(definitionOf({ type: 'RENT', definition: 1 })).toBe(first);
    expect(definitionOf({ type: 'RENT', definition: 2 })).toBe(second);
    expect(definitionOf({ type: 'RETURN', definition: 2 })).toBeUndefined();
    expect(definitionOf({ type: 'RENT', definition: 3 })).toBeUndefined();
  });
});
