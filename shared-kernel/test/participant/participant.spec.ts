import { refuse } from '../../src/domain/refusal';
import { participantOf } from '../../src/participant/participant';
import type { FencedRecord, Part } from '../../src/participant/participant';

const recordOf = () => '';

/** Each of these is seen by the compiler: a directive that expects no error is itself an error. */
describe('The table of a participant', () => {
  const nothing = { does: (): 'nothing' => 'nothing', undoes: () => undefined, recalls: (): 'nothing' => 'nothing' };

  it('may refuse what its contract lists, and nothing else', () => {
    const listed: Part<FencedRecord, 'book', 'RENT'> = { ...nothing, does: () => refuse('book-withdrawn') };
    // @ts-expect-error It is the member who may be closed.
    const foreign: Part<FencedRecord, 'book', 'RENT'> = { ...nothing, does: () => refuse('member-closed') };
    // @ts-expect-error A book cannot refuse to be given back.
    const stubborn: Part<FencedRecord, 'book', 'RENT'> = { ...nothing, undoes: () => refuse('book-withdrawn') };

    expect([listed, foreign, stubborn]).toHaveLength(3);
  });

  it('has a part in every saga that awaits it, and in every message of it', () => {
    const participant = participantOf<FencedRecord>();
    const complete = participant({ name: 'bestbook', recordOf, parts: { RENT: nothing } });
    // @ts-expect-error A book takes part in returns too.
    const missing = participant({ name: 'book', recordOf, parts: { RENT: nothing } });
    // @ts-expect-error Returns are confirmed by the book.
    const unconfirmed = participant({ name: 'book', recordOf, parts: { RENT: nothing, RETURN: nothing } });

    expect([complete, missing, unconfirmed].map(({ name }) => name)).toEqual(['bestbook', 'book', 'book']);
  });
});
