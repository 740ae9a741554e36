import type { Named } from '../answers';
import type { Call } from '../call';
import { pairs, table, type Paint } from '../display';
import { andMore, LIMIT_OPTION, listed, wholeNumber } from '../pages';
import type { Told } from '../told';
import type { Verb } from '../verb';

interface Book {
  readonly no: number;
  readonly title: string;
  readonly author: string;
  readonly isbn: string;
  readonly classification: string;
  readonly source: string;
  readonly location: string;
  readonly description?: string;
  readonly publicationDate?: string;
  readonly status: string;
  readonly holder?: Named;
}

/** The books there are. */
export const BOOKS: readonly Verb[] = [
  {
    name: 'book add',
    takes: ['title'],
    says: 'Register a copy of a book.',
    options: {
      author: { takes: 'NAME', says: 'Who wrote it.', isNeeded: true },
      isbn: { takes: 'ISBN', says: 'As it is printed.', isNeeded: true },
      class: { takes: 'CLASS', says: 'ARTS, COMPUTER or LITERATURE; LITERATURE when left out.' },
      source: { takes: 'SOURCE', says: 'DONATION or SUPPLY; SUPPLY when left out.' },
      location: { takes: 'PLACE', says: 'JEONGJA or PANGYO; JEONGJA when left out.' },
      'off-shelf': { says: 'Do not put it on the shelf yet.' },
      key: { takes: 'KEY', says: 'An idempotency key: the same command with the same key is done once.' },
    },
    run: add,
  },
  {
    name: 'book ls',
    takes: ['words?'],
    says: 'List the books, or those whose title or author has these words.',
    options: { status: { takes: 'STATUS', says: 'ENTERED, AVAILABLE, UNAVAILABLE or WITHDRAWN.' }, ...LIMIT_OPTION },
    run: list,
  },
  { name: 'book show', takes: ['no'], says: 'Show a book, and who has it.', run: show },
];

async function add(call: Call): Promise<Told> {
  const key = call.text('key');
  const body = {
    title: call.word('title'),
    author: call.neededText('author'),
    isbn: call.neededText('isbn'),
    classification: call.text('class') ?? 'LITERATURE',
    source: call.text('source') ?? 'SUPPLY',
    location: call.text('location') ?? 'JEONGJA',
    onShelf: !call.flag('off-shelf'),
  };
  const headers = key === undefined ? {} : { 'Idempotency-Key': key };
  const { body: book } = await call.ask<Book>('POST', '/books', { body, headers });
  return call.told(
    book,
    ({ no, title, status }, paint) => `${paint.good('Registered.')} ${title} has the number ${no}, and is ${status}.`,
  );
}

async function list(call: Call): Promise<Told> {
  const page = await listed<Book>(call, '/books', { query: call.extraWord('words'), status: call.text('status') });
  return call.told(page, ({ items }, paint) => {
    if (items.length === 0) return 'No book fits.';
    const rows = items.map(({ no, title, author, status, holder }) => [no, title, author, status, holder?.id]);
    return table(['no', 'title', 'author', 'status', 'holder'], rows, paint) + andMore(page);
  });
}

async function show(call: Call): Promise<Told> {
  const no = wholeNumber(call.word('no'), '<no>', 1);
  return call.told(await call.get<Book>(`/books/${no}`), bookText);
}

function bookText(book: Book, paint: Paint): string {
  const { no, title, author, isbn, classification, source, location, status, holder } = book;
  return pairs([
    ['no', no],
    ['title', paint.strong(title)],
    ['author', author],
    ['isbn', isbn],
    ['class', classification],
    ['source', source],
    ['location', location],
    ['came out', book.publicationDate],
    ['about', book.description],
    ['status', status === 'AVAILABLE' ? paint.good(status) : status],
    ['holder', holder && `${holder.id} (${holder.name}); \`library card ${holder.id}\` says until when`],
  ]);
}
