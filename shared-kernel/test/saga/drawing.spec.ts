import { drawingOf } from '../../src/saga/drawing';
import { lending, takingBack } from './toy-sagas';

/** The lines of its diagram. */
const states = (drawing: string) => [...drawing.matchAll(/^ {2}(.+)$/gmu)].map(([, line]) => line);

describe('The drawing of a saga', () => {
  it('shows the ways that it can go', () => {
    expect(states(drawingOf(lending))).toEqual([
      '[*] --> RUNNING: ItemRented',
      'RUNNING --> COMPLETED: all did it',
      'RUNNING --> COMPENSATING: one refused or stayed silent / ItemRentCancelled',
      'COMPENSATING --> COMPENSATED: all undid it',
      'COMPLETED --> [*]',
      'COMPENSATED --> [*]',
    ]);
    expect(states(drawingOf(takingBack)).slice(1, 3)).toEqual([
      'RUNNING --> CONFIRMING: all did it / ItemReturnConfirmed',
      'CONFIRMING --> COMPLETED: book confirmed',
    ]);
  });

  it('tells whom it asks, and what they may say', () => {
    const drawing = drawingOf(lending);

    expect(drawing).toContain(
      'It begins with ItemRented, which book, member and bestbook must answer. When all of them have succeeded, it is complete.',
    );
    expect(drawing).toMatch(
      /\| it begins +\| ItemRented +\| `rental_rent` +\| book, member, bestbook \| `RENT` +\| book: `book-not-available`, `book-not-found`, `book-withdrawn`; member: /u,
    );
    expect(drawing).toMatch(
      /\| one refused or stayed silent \| ItemRentCancelled \| `rental_rent_cancel` \| .+ \| `RENT_CANCEL` \| member: `not-enough-points` +\|/u,
    );
  });
});
