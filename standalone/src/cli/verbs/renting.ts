import type { Card, CardItem, Item, Named, Page, ReturnedItem, Saga } from '../answers';
import type { Call } from '../call';
import { counted, pairs, table, type Paint } from '../display';
import { CannotDo, EXIT } from '../exit';
import { andMore, LIMIT_OPTION, listed, wholeNumber } from '../pages';
import type { Telling, Told } from '../told';
import type { Verb } from '../verb';

const WAITING = {
  wait: { takes: 'SECONDS', says: 'How long to wait for the outcome, at most 30; 10 when left out, 0 does not wait.' },
  key: { takes: 'KEY', says: 'An idempotency key: the same command with the same key is done once.' },
} as const;

/** Renting, returning, clearing; and the cards on which all that is. */
export const RENTING: readonly Verb[] = [
  {
    name: 'rent',
    takes: ['member', 'bookNo'],
    says: 'Rent a book.',
    more: 'Names and titles are looked up where they are not given; for somebody or something unknown, the ids stand in.',
    options: {
      name: { takes: 'NAME', says: 'Name of the member.' },
      title: { takes: 'TITLE', says: 'Title of the book.' },
      ...WAITING,
    },
    run: rent,
  },
  { name: 'return', takes: ['member', 'bookNo'], says: 'Return a book.', options: WAITING, run: returning },
  {
    name: 'clear',
    takes: ['member', 'points?'],
    says: 'Pay a card’s late fee in points; without a number, all that is owed.',
    options: WAITING,
    run: clear,
  },
  {
    name: 'card',
    takes: ['member'],
    says: 'Show a member’s card.',
    options: { history: { says: 'Also what has been returned.' }, ...LIMIT_OPTION },
    data: 'in-place-of-url',
    run: card,
  },
  {
    name: 'overdue',
    takes: ['member?'],
    says: 'Mark what is past due, on one card or in the whole library, and show the cards that are late.',
    options: LIMIT_OPTION,
    run: overdue,
  },
];

async function rent(call: Call): Promise<Told> {
  const [member, no] = [call.word('member'), bookNo(call)];
  const memberName =
    call.text('name') ?? (await known<Named>(call, `/members/${encodeURIComponent(member)}`))?.name ?? member;
  const title = call.text('title') ?? (await known<Item>(call, `/books/${no}`))?.title ?? `#${no}`;

  return begin<CardItem>(call, 'rentals', { memberName, item: { no, title } }, (loan, paint) => {
    return `${paint.good('Rented.')} ${named(loan)} is due back on ${loan.dueOn}.`;
  });
}

async function returning(call: Call): Promise<Told> {
  return begin<ReturnedItem>(call, 'returns', { item: { no: bookNo(call) } }, (loan, paint) => {
    const fee = loan.fee > 0 ? paint.warn(`It was late: ${counted(loan.fee, 'point')} are owed.`) : 'It was in time.';
    return `${paint.good('Returned.')} ${named(loan)}. ${fee}`;
  });
}

async function clear(call: Call): Promise<Told> {
  const given = call.extraWord('points');
  const points = given === undefined ? await owed(call) : wholeNumber(given, '[points]', 1);
  return begin<Card>(call, 'clearances', { points }, ({ member: { id } }, paint) => {
    return `${paint.good('Cleared.')} ${id} has paid ${counted(points, 'point')}.`;
  });
}

async function owed(call: Call): Promise<number> {
  const { fee } = await call.get<Card>(cardPath(call));
  if (fee === 0) throw new CannotDo(EXIT.conflict, `Nothing is owed on the card of ${call.word('member')}.`);
  return fee;
}

async function card(call: Call): Promise<Told> {
  const found = await call.look<Card>(cardPath(call));
  const history = call.flag('history')
    ? await listed<ReturnedItem>(call, `${cardPath(call)}/history`, {}, 'look')
    : undefined;
  return call.told({ ...found, ...(history ? { history: history.items } : {}) }, (shown, paint) =>
    [cardText(shown, paint), ...(history ? ['', historyText(shown.history ?? [], paint) + andMore(history)] : [])].join(
      '\n',
    ),
  );
}

async function overdue(call: Call): Promise<Told> {
  const member = call.extraWord('member');
  const body = member === undefined ? {} : { member };
  const { marked } = (await call.ask<{ marked: number }>('POST', '/overdue-markings', { body })).body;
  const late = await listed<Card>(call, '/rental-cards', { overdue: true });

  return call.told(
    { marked, ...late },
    (told, paint) => `${counted(told.marked, 'book was', 'books were')} marked now.\n${lateText(told, paint)}`,
  );
}

function lateText(late: Page<Card>, paint: Paint): string {
  const rows = late.items.flatMap(({ member, items }) =>
    items.filter((item) => item.overdue).map(({ no, title, dueOn }) => [member.id, member.name, no, title, dueOn]),
  );
  if (rows.length === 0) return 'Nobody is late.';
  return `\n${table(['member', 'name', 'no', 'title', 'due'], rows, paint)}${andMore(late)}`;
}

function cardText({ member, status, fee, items, counts }: Card, paint: Paint): string {
  const isBlocked = status !== 'RENT_AVAILABLE';
  const head = pairs([
    ['member', `${member.id} (${member.name})`],
    ['status', isBlocked ? paint.bad(status) : paint.good(status)],
    ['fee', fee === 0 ? '0' : paint.bad(counted(fee, 'point'))],
    ['returned', counts.returned],
  ]);
  if (items.length === 0) return `${head}\n\nNo book is on the card.`;
  const rows = items.map(({ no, title, state, rentedOn, dueOn, overdue: isLate, saga }) => {
    return [no, title, state, rentedOn, isLate ? paint.bad(`${dueOn} late`) : dueOn, saga];
  });
  return `${head}\n\n${table(['no', 'title', 'state', 'rented', 'due', 'saga'], rows, paint)}`;
}

function historyText(items: readonly ReturnedItem[], paint: Paint): string {
  if (items.length === 0) return 'Nothing has been returned yet.';
  return table(
    ['no', 'title', 'rented', 'returned', 'fee'],
    items.map(({ no, title, rentedOn, returnedOn, fee }) => [no, title, rentedOn, returnedOn, fee]),
    paint,
  );
}

/** Asks for something that begins a saga, waits for what becomes of it, and tells that. */
async function begin<Outcome extends object>(
  call: Call,
  what: string,
  body: unknown,
  text: Telling<Outcome>,
): Promise<Told> {
  const wait = wholeNumber(call.text('wait') ?? '10', '--wait');
  const key = call.text('key');
  const headers = {
    ...(wait > 0 ? { Prefer: `wait=${wait}` } : {}),
    ...(key === undefined ? {} : { 'Idempotency-Key': key }),
  };
  const answer = await call.ask('POST', `${cardPath(call)}/${what}`, { body, headers });
  if (answer.status !== 202) return call.told(answer.body as Outcome, text);
  return call.told(
    answer.body as Saga,
    ({ id, status }) => `It is under way (${status}). \`library saga watch ${id}\` follows it.`,
  );
}

/** Undefined when there is no such thing. */
async function known<Thing>(call: Call, path: string): Promise<Thing | undefined> {
  try {
    return await call.get<Thing>(path);
  } catch (error) {
    if (error instanceof CannotDo && error.exit === EXIT.notFound) return undefined;
    throw error;
  }
}

function cardPath(call: Call): string {
  return `/rental-cards/${encodeURIComponent(call.word('member'))}`;
}

function bookNo(call: Call): number {
  return wholeNumber(call.word('bookNo'), '<bookNo>', 1);
}

function named({ no, title }: Item): string {
  return `${title} (${no})`;
}
