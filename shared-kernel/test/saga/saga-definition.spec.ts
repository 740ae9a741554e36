import {
  itemRentCancelledContract,
  itemRentedContract,
  itemReturnCancelledContract,
  itemReturnedContract,
  overdueClearedContract,
} from '../../src/contracts/events';
import { confirmersOf, sagaOf } from '../../src/saga/saga-definition';
import { lending, takingBack } from './toy-sagas';

const parts = { agreed: () => {}, compensated: () => {} };

describe('The definition of a saga', () => {
  it('is version 1 unless it says otherwise', () => {
    expect(lending.version).toBe(1);
    expect(sagaOf<string[]>()({ ...lending, version: 2 }).version).toBe(2);
  });

  it('cannot await somebody who has no answer to give', () => {
    expect(() =>
      sagaOf<string[]>()({
        type: 'RETURN',
        announces: itemReturnedContract,
        withdraws: itemReturnCancelledContract,
        awaits: ['book', 'bestbook'],
        ...parts,
      }),
    ).toThrow('RETURN awaits bestbook, who does not answer ItemReturned.');
  });

  it("cannot send another saga's events", () => {
    expect(() =>
      sagaOf<string[]>()({
        type: 'RENT',
        announces: itemRentedContract,
        withdraws: itemReturnCancelledContract,
        awaits: ['book'],
        ...parts,
      }),
    ).toThrow('RENT cannot send ItemReturnCancelled, which belongs to RETURN.');
    expect(() =>
      sagaOf<string[]>()({
        type: 'RENT',
        announces: overdueClearedContract,
        withdraws: itemRentCancelledContract,
        awaits: ['member'],
        ...parts,
      }),
    ).toThrow('RENT cannot send OverdueCleared');
  });

  it('names those who must confirm: the awaited ones who answer the confirmation', () => {
    expect(confirmersOf(lending)).toEqual([]);
    expect(confirmersOf(takingBack)).toEqual(['book']);
  });
});
