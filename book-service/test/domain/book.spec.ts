import * as fc from 'fast-check';
import { bookNo, memberId, sagaId } from '@library/shared-kernel/domain/identifiers';
import type { IdName } from '@library/shared-kernel/domain/names';
import { isRefusal } from '@library/shared-kernel/domain/refusal';
import { Book, type BookState, type Particulars } from '../../src/domain/book';

const jenny: IdName = { id: memberId('jenny'), name: '제니' };
const minsu: IdName = { id: memberId('minsu'), name: '민수' };
const rent = sagaId('rent');
const bringsBack = sagaId('brings-back');
const other = sagaId('other');

const particulars: Particulars = {
  title: '누구를 위하여 종을 울리나?',
  author: '한정헌',
  isbn: '1232141214',
  description: '고전 소설',
  publicationDate: '2023-02-11',
  classification: 'LITERATURE',
  source: 'SUPPLY',
  location: 'JEONGJA',
};
const copy = { no: bookNo(1), particulars };
const entered: BookState = { ...copy, status: 'ENTERED' };
const available: BookState = { ...copy, status: 'AVAILABLE' };
const withdrawn: BookState = { ...copy, status: 'WITHDRAWN' };
const lent: BookState = { ...copy, status: 'UNAVAILABLE', holder: jenny, takenBy: rent };
const comingBack: BookState = { ...copy, status: 'UNAVAILABLE', holder: jenny, takenBy: rent, returning: bringsBack };

describe('registering a book', () => {
  it('puts it on the shelf', () => {
    expect(Book.register(copy.no, particulars, true).snapshot()).toStrictEqual(available);
  });

  it('leaves it off the shelf when asked to', () => {
    expect(Book.register(copy.no, particulars, false).snapshot()).toStrictEqual(entered);
  });
});

describe('the shelf', () => {
  it.each<[string, 'shelve' | 'unshelve' | 'withdraw', BookState, BookState]>([
    ['takes in a book that was registered', 'shelve', entered, available],
    ['gives up a book that stood on it', 'unshelve', available, entered],
    ['lets a book be withdrawn from it', 'withdraw', available, withdrawn],
    ['need not have held a book that is withdrawn', 'withdraw', entered, withdrawn],
  ])('%s', (_, move, before, after) => {
    const book = new Book(before);

    expect(book[move]()).toBeUndefined();
    expect(book.snapshot()).toStrictEqual(after);
  });

  it.each<['shelve' | 'unshelve' | 'withdraw', BookState]>([
    ['shelve', available],
    ['unshelve', entered],
    ['withdraw', withdrawn],
  ])('changes nothing when asked twice to %s', (move, state) => {
    const book = new Book(state);

    expect(book[move]()).toBeUndefined();
    expect(book.snapshot()).toBe(state);
  });

  it.each<['shelve' | 'unshelve' | 'withdraw', string, BookState, string]>([
    ['shelve', 'a lent book', lent, 'book-not-available'],
    ['unshelve', 'a lent book', lent, 'book-not-available'],
    ['withdraw', 'a lent book [L9]', lent, 'book-not-available'],
    ['withdraw', 'a book on its way back', comingBack, 'book-not-available'],
    ['shelve', 'a withdrawn book', withdrawn, 'book-withdrawn'],
    ['unshelve', 'a withdrawn book', withdrawn, 'book-withdrawn'],
  ])('refuses to %s %s', (move, _, state, refused) => {
    const book = new Book(state);

    expect(book[move]()).toStrictEqual({ refused });
    expect(book.snapshot()).toBe(state);
  });
});

describe('lending', () => {
  it('gives an available book to the member, and remembers the saga that took it', () => {
    const book = new Book(available);

    expect(book.lend(jenny, rent)).toBe('done');
    expect(book.snapshot()).toStrictEqual(lent);
  });

  it.each<[string, BookState, string]>([
    ['a book that another member holds [A4]', { ...lent, holder: minsu, takenBy: other }, 'book-not-available'],
    ['a book that the same member holds [A5]', { ...lent, takenBy: other }, 'book-not-available'],
    ['a book that is on its way back [E8]', comingBack, 'book-not-available'],
    ['a book that is not on the shelf', entered, 'book-not-available'],
    ['a book that was withdrawn [A7]', withdrawn, 'book-withdrawn'],
  ])('refuses %s', (_, state, refused) => {
    const book = new Book(state);

    expect(book.lend(jenny, rent)).toStrictEqual({ refused });
    expect(book.snapshot()).toBe(state);
  });

  it('goes to exactly one of 100 members, and to the first [L1]', () => {
    const book = new Book(available);

    const answers = Array.from({ length: 100 }, (_, i) =>
      book.lend({ ...minsu, id: memberId(`m${i}`) }, sagaId(`s${i}`)),
    );

    expect(answers).toStrictEqual(['done', ...Array.from({ length: 99 }, () => ({ refused: 'book-not-available' }))]);
    expect(book.snapshot()).toStrictEqual({ ...lent, holder: { ...minsu, id: 'm0' }, takenBy: 's0' });
  });

  it('is undone by the saga that took the book', () => {
    const book = new Book(lent);

    book.cancelLoan(rent);

    expect(book.snapshot()).toStrictEqual(available);
  });

  it.each<[string, BookState]>([
    ['a book that another saga took [A4]', lent],
    ['a book on its way back by it', { ...comingBack, returning: other }],
    ['a book on the shelf', available],
    ['a book off the shelf', entered],
    ['a withdrawn book', withdrawn],
  ])('has nothing to undo on %s', (_, state) => {
    const book = new Book(state);

    book.cancelLoan(other);

    expect(book.snapshot()).toBe(state);
  });
});

describe('bringing back', () => {
  it('keeps the book with its holder until the return is confirmed', () => {
    const book = new Book(lent);

    expect(book.startReturn(jenny.id, bringsBack)).toBe('returning');
    expect(book.snapshot()).toStrictEqual(comingBack);

    book.confirmReturn(bringsBack);
    expect(book.snapshot()).toStrictEqual(available);
  });

  it('leaves the book with its holder when it is cancelled', () => {
    const book = new Book(comingBack);

    book.cancelReturn(bringsBack);

    expect(book.snapshot()).toStrictEqual(lent);
  });

  it('answers the same when it is asked twice', () => {
    const book = new Book(comingBack);

    expect(book.startReturn(jenny.id, bringsBack)).toBe('returning');
    expect(book.snapshot()).toBe(comingBack);
  });

  it.each<[string, BookState]>([
    ['a book that another member holds [A11]', { ...lent, holder: minsu }],
    ['a book that another saga is bringing back', comingBack],
    ['a book on the shelf [A11]', available],
    ['a book off the shelf', entered],
    ['a withdrawn book [A11]', withdrawn],
  ])('finds nothing to do for %s', (_, state) => {
    const book = new Book(state);

    expect(book.startReturn(jenny.id, other)).toBe('nothing');
    expect(book.snapshot()).toBe(state);
  });

  it.each<[string, BookState]>([
    ['a book that another saga is bringing back [E12]', comingBack],
    ['a book that it took itself', { ...comingBack, takenBy: other }],
    ['a lent book', lent],
    ['a book on the shelf', available],
    ['a withdrawn book', withdrawn],
  ])('neither ends nor is undone by a saga that does not bring back %s', (_, state) => {
    const book = new Book(state);

    book.confirmReturn(other);
    book.cancelReturn(other);

    expect(book.snapshot()).toBe(state);
  });

  it('confirmed late frees nothing that was lent again since [A20]', () => {
    const book = new Book(comingBack);
    book.confirmReturn(bringsBack);
    book.lend(minsu, other);
    const lentAgain = book.snapshot();

    book.confirmReturn(bringsBack);

    expect(book.snapshot()).toBe(lentAgain);
  });
});

describe('what the record still shows of a saga', () => {
  it.each<[string, BookState, 'taken' | 'returning' | 'nothing', 'taken' | 'returning' | 'nothing']>([
    ['of a lent book is who took it', lent, 'taken', 'nothing'],
    ['of a book on its way back is both', comingBack, 'taken', 'returning'],
    ['of a book on the shelf is nothing', available, 'nothing', 'nothing'],
    ['of a book off the shelf is nothing', entered, 'nothing', 'nothing'],
    ['of a withdrawn book is nothing', withdrawn, 'nothing', 'nothing'],
  ])('%s [D4b]', (_, state, ofRent, ofReturn) => {
    const book = new Book(state);

    expect([book.shows(rent), book.shows(bringsBack), book.shows(other)]).toStrictEqual([ofRent, ofReturn, 'nothing']);
  });
});

describe('a book, whatever is asked of it and in whatever order,', () => {
  const members = [jenny, minsu];
  const sagas = ['s1', 's2', 's3', 's4'].map(sagaId);
  const anyMember = fc.constantFrom(...members);
  const anySaga = fc.constantFrom(...sagas);
  const command = fc.oneof(
    { weight: 4, arbitrary: fc.record({ ask: fc.constant('lend' as const), member: anyMember, saga: anySaga }) },
    { weight: 4, arbitrary: fc.record({ ask: fc.constant('startReturn' as const), member: anyMember, saga: anySaga }) },
    {
      weight: 6,
      arbitrary: fc.record({
        ask: fc.constantFrom('cancelLoan' as const, 'cancelReturn' as const, 'confirmReturn' as const),
        saga: anySaga,
      }),
    },
    { weight: 3, arbitrary: fc.record({ ask: fc.constantFrom('shelve' as const, 'unshelve' as const) }) },
    { weight: 1, arbitrary: fc.record({ ask: fc.constant('withdraw' as const) }) },
  );
  type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never;
  const commands = fc.array(command, { maxLength: 40 });

  const ask = (book: Book, asked: Command) => {
    switch (asked.ask) {
      case 'lend':
        return book.lend(asked.member, asked.saga);
      case 'startReturn':
        return book.startReturn(asked.member.id, asked.saga);
      case 'shelve':
      case 'unshelve':
      case 'withdraw':
        return book[asked.ask]();
      case 'cancelLoan':
      case 'cancelReturn':
      case 'confirmReturn':
        return book[asked.ask](asked.saga);
    }
  };
  const reachedBy = (script: readonly Command[]) => {
    const book = new Book(available);
    for (const asked of script) {
      Object.freeze(book.snapshot());
      ask(book, asked);
    }
    return Object.freeze(book.snapshot());
  };

  /** A book once more: where it is, who took it by which saga, and which saga brings it back. */
  interface Model {
    place: 'store' | 'shelf' | 'home' | 'gone';
    holder?: IdName;
    taker?: string;
    bringer?: string | undefined;
  }

  const tell = (model: Model, asked: Command): string | undefined => {
    const comesBack = () =>
      Object.assign(model, { place: 'shelf', holder: undefined, taker: undefined, bringer: undefined });
    switch (asked.ask) {
      case 'lend':
        if (model.place === 'gone') return 'book-withdrawn';
        if (model.place !== 'shelf') return 'book-not-available';
        Object.assign(model, { place: 'home', holder: asked.member, taker: asked.saga });
        return 'done';
      case 'cancelLoan':
        if (model.place === 'home' && model.taker === asked.saga) comesBack();
        return undefined;
      case 'startReturn':
        if (model.place !== 'home' || model.holder !== asked.member) return 'nothing';
        model.bringer ??= asked.saga;
        return model.bringer === asked.saga ? 'returning' : 'nothing';
      case 'cancelReturn':
        if (model.bringer === asked.saga) model.bringer = undefined;
        return undefined;
      case 'confirmReturn':
        if (model.bringer === asked.saga) comesBack();
        return undefined;
      case 'withdraw':
        if (model.place === 'home') return 'book-not-available';
        model.place = 'gone';
        return undefined;
      case 'shelve':
      case 'unshelve':
        if (model.place === 'home') return 'book-not-available';
        if (model.place === 'gone') return 'book-withdrawn';
        model.place = asked.ask === 'shelve' ? 'shelf' : 'store';
        return undefined;
    }
  };

  it('answers and shows what the rules say, and is not changed by a refusal [G1]', () => {
    const statusOf = { store: 'ENTERED', shelf: 'AVAILABLE', home: 'UNAVAILABLE', gone: 'WITHDRAWN' } as const;

    fc.assert(
      fc.property(commands, (script) => {
        const book = new Book(available);
        const model: Model = { place: 'shelf' };
        for (const asked of script) {
          const before = Object.freeze(book.snapshot());
          const answer = ask(book, asked);
          expect(isRefusal(answer) ? book.snapshot() : before).toBe(before);
          expect(isRefusal(answer) ? answer.refused : answer).toBe(tell(model, asked));
          const held = { holder: model.holder, takenBy: model.taker, returning: model.bringer };
          expect(book.snapshot()).toEqual({ ...copy, status: statusOf[model.place], ...held });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is as it was when what began is cancelled', () => {
    fc.assert(
      fc.property(commands, anyMember, (script, member) => {
        const before = reachedBy(script);

        const lending = new Book(before);
        lending.lend(member, sagaId('new'));
        lending.cancelLoan(sagaId('new'));
        expect(lending.snapshot()).toStrictEqual(before);

        const bringing = new Book(before);
        bringing.startReturn(member.id, sagaId('new'));
        bringing.cancelReturn(sagaId('new'));
        expect(bringing.snapshot()).toStrictEqual(before);
      }),
    );
  });

  it('shows no trace when what never began is confirmed or undone', () => {
    fc.assert(
      fc.property(commands, (script) => {
        const before = reachedBy(script);
        const book = new Book(before);

        book.cancelLoan(sagaId('never-began'));
        book.cancelReturn(sagaId('never-began'));
        book.confirmReturn(sagaId('never-began'));

        expect(book.snapshot()).toBe(before);
      }),
    );
  });
});
