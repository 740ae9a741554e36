import { SAGA_TOPICS } from '@library/shared-kernel/contracts/topics';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DATA_FILES } from '@library/standalone/library';
import { ZONE } from '@library/standalone/scenarios/stage';
import type { CheckId } from '@library/standalone/verify/report';
import { verifyFolder } from '@library/standalone/verify/verify';
import { DataFolders, type DamagedFolder, type SagaIds } from './data-folders';

jest.setTimeout(60_000);

let folders: DataFolders;
beforeAll(async () => {
  folders = await DataFolders.make();
});
afterAll(() => folders.remove());

it('finds nothing wrong with a folder that nobody has damaged', async () => {
  const report = await verifyFolder(folders.copy().path, ZONE);

  expect(report.checks.flatMap(({ offenders }) => offenders)).toEqual([]);
  expect(report.ok).toBe(true);
});

it('counts days by the zone that is kept with the data, whatever it is told', async () => {
  const report = await verifyFolder(folders.copy().path, 'Pacific/Honolulu');

  expect(report.checks.flatMap(({ offenders }) => offenders)).toEqual([]);
});

it('looks at something in every check, so that none of them is idle', async () => {
  const folder = folders.copy();
  waitingMessage(folder, folders.sagas, 0);
  const report = await verifyFolder(folder.path, ZONE);

  expect(report.checks.filter(({ looked }) => looked === 0).map(({ id }) => id)).toEqual([]);
});

it('says that something is in flight, and what waits for a person', async () => {
  const { quiescent, notes } = await verifyFolder(folders.copy().path, ZONE);

  expect(quiescent).toBe(false);
  expect(notes).toEqual(['2 parked messages wait for a person.', '3 sagas are in flight.']);
});

it('changes nothing', async () => {
  const folder = folders.copy();
  const contents = () => Object.values(DATA_FILES).map((file) => readFileSync(join(folder.path, file)));
  const before = contents();
  await verifyFolder(folder.path, ZONE);

  expect(contents()).toEqual(before);
});

it('says which file is missing', async () => {
  await expect(verifyFolder('/nowhere', ZONE)).rejects.toMatchObject({ code: 'data-missing' });
});

it('names ten offenders of a check, and says how many there are', async () => {
  const folder = folders.copy();
  folder.change(
    'book',
    `UPDATE books SET body = json_set(body, '$.book.status', 'UNAVAILABLE', '$.book.holder', json('{"id":"x","name":"x"}'), '$.book.takenBy', 'nobody')`,
  );
  const { checks, notes } = await verifyFolder(folder.path, ZONE);

  expect(checks.find(({ id }) => id === 'G1')?.offenders).toHaveLength(10);
  expect(notes[0]).toMatch(/^G1 is broken 1\d times; the first 10 are named\.$/);
});

interface Damage {
  readonly check: CheckId;
  /** What no service would do. */
  readonly when: string;
  readonly damage: (folder: DamagedFolder, sagas: SagaIds) => void | Promise<void>;
  readonly says: RegExp;
}

const rentedItem = (no: number) =>
  `json_object('no', ${no}, 'title', 'x', 'rentedOn', '2026-01-01', 'dueOn', '2026-01-15', 'state', 'RENTED', 'overdue', json('false'))`;

const card = (change: string, member: string) => `UPDATE rental_cards SET body = ${change} WHERE id = '${member}'`;
const archived = (kind: string, change: string) =>
  `UPDATE archive SET document = ${change} WHERE kind = '${kind}' AND id = ?`;
const fenced = (table: string, change: string) => `UPDATE ${table} SET value = ${change} WHERE key = ?`;
const HOUR = 3_600_000;

const DAMAGES: readonly Damage[] = [
  {
    check: 'G1',
    when: 'two cards hold one book',
    damage: (folder) =>
      folder.change('rental', card(`json_insert(body, '$.card.items[#]', ${rentedItem(3)})`, 'jenny')),
    says: /Book 3 is on the cards of jenny and scott/,
  },
  {
    check: 'G1',
    when: 'a book is out, and on no card',
    damage: (folder) => folder.change('rental', card(`json_set(body, '$.card.items', json('[]'))`, 'scott')),
    says: /Book 3 is out to scott by saga \S+, and neither a card nor a saga in flight holds it/,
  },
  {
    check: 'G1',
    when: 'a book on a card is on the shelf as well',
    damage: (folder) =>
      folder.change('book', `UPDATE books SET body = json_set(body, '$.book.status', 'AVAILABLE') WHERE id = '3'`),
    says: /Book 3 is on the card of scott, and the book says AVAILABLE/,
  },
  {
    check: 'G1',
    when: 'a book is with another member than the card says',
    damage: (folder) =>
      folder.change('book', `UPDATE books SET body = json_set(body, '$.book.holder.id', 'minji') WHERE id = '3'`),
    says: /Book 3 is on the card of scott, and the book says that minji has it/,
  },
  {
    check: 'G1',
    when: 'a book on a card was never registered',
    damage: (folder) =>
      folder.change('rental', card(`json_insert(body, '$.card.items[#]', ${rentedItem(99)})`, 'jenny')),
    says: /Book 99 is on the card of jenny, and no such book is registered/,
  },
  {
    check: 'G1',
    when: 'a book waits for a return that is over',
    damage: (folder, { returned }) =>
      folder.change('book', `UPDATE books SET body = json_set(body, '$.book.returning', ?) WHERE id = '3'`, returned),
    says: /Book 3 waits for saga \S+ to bring it back, which is not in flight/,
  },
  {
    check: 'G2',
    when: 'six books are on a card',
    damage: (folder) => {
      const six = [7, 8, 9, 10, 11, 12].map(rentedItem).join(', ');
      folder.change('rental', card(`json_set(body, '$.card.items', json_array(${six}))`, 'jenny'));
      folder.change(
        'book',
        `UPDATE books SET body = json_set(body, '$.book.status', 'UNAVAILABLE', '$.book.holder', json('{"id":"jenny"}'), '$.book.takenBy', '-') WHERE no >= 7`,
      );
    },
    says: /The card of jenny holds 6 books/,
  },
  {
    check: 'G3',
    when: 'a member has more points than the ledger says',
    damage: (folder) =>
      folder.change('member', `UPDATE members SET body = json_set(body, '$.member.points', 1000) WHERE id = 'jenny'`),
    says: /jenny has 965 points more than the ledger says/,
  },
  {
    check: 'G3',
    when: 'a member has less than no points',
    damage: (folder) =>
      folder.change('member', `UPDATE members SET body = json_set(body, '$.member.points', -10) WHERE id = 'jenny'`),
    says: /jenny has -10 points/,
  },
  {
    check: 'G3',
    when: 'a saga gave its points twice',
    damage: (folder, { rented }) => {
      folder.change(
        'member',
        `INSERT INTO archive SELECT kind, 'again', record, json_set(document, '$.id', 'again') FROM archive WHERE id = ?`,
        `${rented}:RENT:do`,
      );
      folder.change('member', `UPDATE members SET body = json_set(body, '$.member.points', 45) WHERE id = 'jenny'`);
    },
    says: /The entry again in the ledger of jenny is one more for saga \S+ \(RENT, do\)/,
  },
  {
    check: 'G3',
    when: 'the points of a saga are not in the ledger',
    damage: (folder, { rented }) => {
      folder.change('member', 'DELETE FROM archive WHERE id = ?', `${rented}:RENT:do`);
      folder.change('member', `UPDATE members SET body = json_set(body, '$.member.points', 25) WHERE id = 'jenny'`);
    },
    says: /Saga \S+ \(RENT of book 1 by jenny\) is COMPLETED, and its points in the ledger come to 0, not 10/,
  },
  {
    check: 'G3',
    when: 'the ledger names a saga that never was',
    damage: (folder, { rented }) => {
      const doc = `json_set(document, '$.id', 'strange:RENT:do', '$.saga', 'strange', '$.points', 0)`;
      folder.change(
        'member',
        `INSERT INTO archive SELECT kind, 'strange:RENT:do', record, ${doc} FROM archive WHERE id = ?`,
        `${rented}:RENT:do`,
      );
    },
    says: /The ledger of jenny names saga strange, which nobody knows/,
  },
  {
    check: 'G3',
    when: 'points were added by nobody',
    damage: (folder) =>
      folder.change(
        'member',
        `UPDATE archive SET document = json_remove(document, '$.actor') WHERE json_extract(document, '$.step') = 'ADJUSTMENT'`,
      ),
    says: /The adjustment \S+ of jenny by 5 points lacks a reason or an actor/,
  },
  {
    check: 'G4',
    when: 'nobody has looked after a saga that is due',
    damage: (folder, { renting }) => {
      const due = numberIn(folder, 'rental', `SELECT due_at FROM rental_cards WHERE id = 'minji'`) - HOUR;
      folder.change('rental', card(`json_set(body, '$.sagas."${renting}".dueAt', ${due})`, 'minji'));
      folder.change('rental', `UPDATE rental_cards SET due_at = ${due} WHERE id = 'minji'`);
    },
    says: /Saga \S+ \(RENT of book 4 by minji\) is RUNNING and was due \d+ s ago/,
  },
  {
    check: 'G4',
    when: 'a saga gets no further and calls for nobody',
    damage: (folder, { renting }) => {
      const since = numberIn(folder, 'rental', `SELECT due_at FROM rental_cards WHERE id = 'minji'`) - HOUR;
      folder.change('rental', card(`json_set(body, '$.sagas."${renting}".since', ${since})`, 'minji'));
    },
    says: /Saga \S+ \(RENT of book 4 by minji\) has been RUNNING for \d+ s, and calls for nobody/,
  },
  {
    check: 'G5',
    when: 'a saga does not say when it is due',
    damage: (folder, { renting }) =>
      folder.change('rental', card(`json_remove(body, '$.sagas."${renting}".dueAt')`, 'minji')),
    says: /Saga \S+ \(RENT of book 4 by minji\) is RUNNING, and does not say when somebody must look at it/,
  },
  {
    check: 'G5',
    when: 'a saga is due further ahead than any wait is long',
    damage: (folder, { renting }) => {
      const due = numberIn(folder, 'rental', `SELECT due_at FROM rental_cards WHERE id = 'minji'`) + HOUR;
      folder.change('rental', card(`json_set(body, '$.sagas."${renting}".dueAt', ${due})`, 'minji'));
      folder.change('rental', `UPDATE rental_cards SET due_at = ${due} WHERE id = 'minji'`);
    },
    says: /is to be looked at in \d+ s, which is further ahead than any wait/,
  },
  {
    check: 'G5',
    when: 'no sweep finds a card with a saga in flight',
    damage: (folder) => folder.change('rental', `UPDATE rental_cards SET due_at = NULL WHERE id = 'minji'`),
    says: /The card of minji is swept never, and its sagas are due at/,
  },
  {
    check: 'G6',
    when: 'a participant remembers nothing of what it did',
    damage: (folder, { rented }) => folder.change('book', 'DELETE FROM books_entry WHERE key = ?', rented),
    says: /Saga \S+ \(RENT of book 1 by jenny\) is COMPLETED and book is done, but it remembers nothing of it/,
  },
  {
    check: 'G6',
    when: 'a participant has undone what was completed',
    damage: (folder, { rented }) =>
      folder.change('book', fenced('books_entry', `json_set(value, '$.undone', json('true'))`), rented),
    says: /is COMPLETED and book is done, but it has undone it/,
  },
  {
    check: 'G6',
    when: 'a participant has refused what was completed',
    damage: (folder, { rented }) =>
      folder.change('book', fenced('books_entry', `json_set(value, '$.answer', 'book-not-available')`), rented),
    says: /is COMPLETED and book is done, but it has refused/,
  },
  {
    check: 'G6',
    when: 'a participant did nothing for what was completed',
    damage: (folder, { rented }) =>
      folder.change('book', fenced('books_entry', `json_set(value, '$.effect', 'nothing')`), rented),
    says: /is COMPLETED and book is done, but it has done nothing/,
  },
  {
    check: 'G6',
    when: 'a participant has not undone what was compensated',
    damage: (folder, { undone }) =>
      folder.change('book', fenced('books_entry', `json_remove(value, '$.undone')`), undone),
    says: /Saga \S+ \(RENT of book 1 by scott\) is COMPENSATED and book is undone, but it has not undone it/,
  },
  {
    check: 'G6',
    when: 'a return that the book has not made final is completed',
    damage: (folder, { returned }) =>
      folder.change('book', fenced('books_entry', `json_remove(value, '$.confirmed')`), returned),
    says: /Saga \S+ \(RETURN of book 1 by jenny\) is COMPLETED and book is confirmed, but it has not made it final/,
  },
  {
    check: 'G6',
    when: 'two books were lent by one saga',
    damage: (folder, { rented }) =>
      folder.change(
        'book',
        `INSERT INTO books_entry (record, key, value, until) SELECT '7', key, value, until FROM books_entry WHERE key = ?`,
        rented,
      ),
    says: /is COMPLETED and book is done, but two records of it remember that/,
  },
  {
    check: 'G6',
    when: 'a saga in flight counts a part as done that was not done',
    damage: (folder, { returning }) => folder.change('book', 'DELETE FROM books_entry WHERE key = ?', returning),
    says: /Saga \S+ \(RETURN of book 5 by dahye\) is RUNNING and book is done, but it remembers nothing of it/,
  },
  {
    check: 'G6',
    when: 'a completed saga still waits for somebody',
    damage: (folder, { rented }) =>
      folder.change('rental', archived('saga', `json_set(document, '$.steps.book.state', 'awaited')`), rented),
    says: /is COMPLETED and book is awaited, but everybody must have done their part/,
  },
  {
    check: 'G6',
    when: 'a participant has done something for a saga that never was',
    damage: (folder, { rented }) =>
      folder.change(
        'book',
        `INSERT INTO books_entry (record, key, value, until) SELECT record, 'strange', value, until FROM books_entry WHERE key = ?`,
        rented,
      ),
    says: /book did something for saga strange, which nobody knows/,
  },
  {
    check: 'G6',
    when: 'a return is not in the history',
    damage: (folder, { returned }) =>
      folder.change('rental', `DELETE FROM archive WHERE kind = 'history' AND id = ?`, returned),
    says: /Saga \S+ \(RETURN of book 1 by jenny\) is COMPLETED, and the history of jenny has nothing by it/,
  },
  {
    check: 'G6',
    when: 'a card counts a return that is not in the history',
    damage: (folder) => folder.change('rental', card(`json_set(body, '$.card.returned', 3)`, 'jenny')),
    says: /The card of jenny counts 1 returns more than the history has/,
  },
  {
    check: 'G6',
    when: 'a rent is counted twice',
    damage: (folder) => {
      folder.change('bestbook', `UPDATE rent_counts_1_entry SET value = '2' WHERE record = '3' AND until IS NULL`);
      folder.change('bestbook', `UPDATE rent_counts_1 SET body = json_set(body, '$.count.total', 2) WHERE id = '3'`);
    },
    says: /Book 3 is counted 1 times too often on \d{4}-\d{2}-\d{2}/,
  },
  {
    check: 'G6',
    when: 'the rents of a book are not the sum of its days',
    damage: (folder) =>
      folder.change('bestbook', `UPDATE rent_counts_1 SET body = json_set(body, '$.count.total', 7) WHERE id = '3'`),
    says: /The rents of book 3 are not the sum of its days/,
  },
  {
    check: 'G7',
    when: 'a completed rent was never announced',
    damage: (folder, { rented }) => folder.loseMessage('rental_rent', `${rented}:rent:do`),
    says: /Saga \S+ \(RENT of book 1 by jenny\) is COMPLETED, and rental_rent never had its message/,
  },
  {
    check: 'G7',
    when: 'an undone rent was never withdrawn',
    damage: (folder, { undone }) => folder.loseMessage('rental_rent_cancel', `${undone}:rent:undo`),
    says: /is COMPENSATED, and rental_rent_cancel never had its message/,
  },
  {
    check: 'G7',
    when: 'a saga in flight has neither published its message nor has it waiting',
    damage: (folder, { confirming }) => folder.loseMessage('rental_return_confirm', `${confirming}:return:confirm`),
    says: /is CONFIRMING, and rental_return_confirm never had its message/,
  },
  {
    check: 'G7',
    when: 'a slot is kept for a saga that is not in flight',
    damage: (folder, { rented }) =>
      folder.change('rental', card(`json_set(body, '$.card.items[0].saga', '${rented}')`, 'minji')),
    says: /The card of minji keeps book 4 for saga \S+, which is not in flight/,
  },
  {
    check: 'G7',
    when: 'a saga in flight has no place on the card',
    damage: (folder) => folder.change('rental', card(`json_set(body, '$.card.items', json('[]'))`, 'minji')),
    says: /Saga \S+ \(RENT of book 4 by minji\) is RUNNING, and nothing on the card is kept for it/,
  },
  {
    check: 'G7',
    when: 'a card is locked for a clearing that is over',
    damage: (folder, { cleared }) =>
      folder.change('rental', card(`json_set(body, '$.card.clearing', '${cleared}')`, 'jenny')),
    says: /The card of jenny is locked for saga \S+, which is not in flight/,
  },
  {
    check: 'G8',
    when: 'the log has a message of a saga that never was',
    damage: (folder) =>
      folder.append('rental_rent', { ce_id: 'ghost:rent:do', ce_sagaid: 'ghost', ce_type: 'ItemRented' }),
    says: /There are messages of saga ghost, which nobody knows/,
  },
  {
    check: 'G8',
    when: 'a message waits to be published for a saga that never was',
    damage: (folder, sagas) => waitingMessage(folder, sagas, 0, 'ghost'),
    says: /There are messages of saga ghost, which nobody knows/,
  },
  {
    check: 'G8',
    when: 'a message has an id that no service gives',
    damage: (folder, { rented }) =>
      folder.append('rental_result', { ce_id: 'x', ce_sagaid: rented, ce_type: 'EventResult', ce_participant: 'book' }),
    says: /Message \d+ of rental_result\/0 has the id x, which no service gives to one of saga/,
  },
  {
    check: 'G9',
    when: 'a message has waited for an hour',
    damage: (folder, sagas) => waitingMessage(folder, sagas, HOUR),
    says: /The card of minji has waited for \d+ s to publish 1 messages/,
  },
  {
    check: 'G9',
    when: 'no sweep finds a message that waits',
    damage: (folder, sagas) => {
      waitingMessage(folder, sagas, 0);
      folder.change('rental', `UPDATE rental_cards SET outbox_since = NULL WHERE id = 'minji'`);
    },
    says: /The card of minji has 1 messages to publish, and no sweep would find them/,
  },
  {
    check: 'G10',
    when: 'a saga is compensated before everybody has confirmed',
    damage: (folder, { undone }) =>
      folder.change('rental', archived('saga', `json_set(document, '$.steps.member.state', 'undoing')`), undone),
    says: /Saga \S+ \(RENT of book 1 by scott\) is COMPENSATED, and member is only undoing/,
  },
  {
    check: 'G12',
    when: 'a saga has ended and is in flight',
    damage: (folder, { renting }) => {
      const saga = `json_set(json_extract(body, '$.sagas."${renting}"'), '$.status', 'COMPENSATED')`;
      const copy = String(folder.value('rental', `SELECT ${saga} FROM rental_cards WHERE id = 'minji'`));
      folder.change('rental', `INSERT INTO archive VALUES ('saga', ?, 'minji', ?)`, renting, copy);
    },
    says: /Saga \S+ \(RENT of book 4 by minji\) has ended as COMPENSATED, and is RUNNING on the card of minji/,
  },
  {
    check: 'G12',
    when: 'a saga has ended twice',
    damage: (folder, { rented }) =>
      folder.change(
        'rental',
        archived('saga', `json_insert(document, '$.story[#]', json('{"at":1,"what":"completed"}'))`),
        rented,
      ),
    says: /is archived as COMPLETED, and its story ends with COMPLETED, after 2 ends/,
  },
  {
    check: 'G12',
    when: 'an ended saga is still due',
    damage: (folder, { rented }) =>
      folder.change('rental', archived('saga', `json_set(document, '$.dueAt', 1)`), rented),
    says: /is archived as COMPLETED/,
  },
  {
    check: 'G13',
    when: 'a saga in flight is not found by its id',
    damage: (folder) => folder.change('rental', `UPDATE rental_cards SET aliases = '' WHERE id = 'minji'`),
    says: /Saga \S+ \(RENT of book 4 by minji\) is in flight, and is not found by its id/,
  },
  {
    check: 'G14',
    when: 'a key answers with a saga that never was',
    damage: (folder) =>
      folder.change('rental', `UPDATE rental_cards_entry SET value = json_set(value, '$.answer.saga', 'strange')`),
    says: /A kept key of jenny answers with saga strange, which nobody knows/,
  },
  {
    check: 'G14',
    when: 'a card counts more keys than it keeps',
    damage: (folder) => folder.change('rental', card(`json_set(body, '$.keys', 5)`, 'jenny')),
    says: /The card of jenny counts 5 idempotency keys, and keeps 1/,
  },
  {
    check: 'G17',
    when: 'a parked message was discarded without a reason',
    damage: (folder) =>
      folder.change('log', `UPDATE parked SET notes = json_remove(notes, '$[#-1].reason') WHERE state = 'discarded'`),
    says: /Parked message \d+ of \S+ is discarded without a reason/,
  },
  {
    check: 'G17',
    when: 'a parked message was released by nobody',
    damage: (folder) => folder.change('log', `UPDATE parked SET state = 'released' WHERE state = 'parked'`),
    says: /Parked message \d+ of \S+ is released, and nobody has noted that/,
  },
  {
    check: 'G17',
    when: 'a parked message is in no state that there is',
    damage: (folder) => folder.change('log', `UPDATE parked SET state = 'gone' WHERE state = 'parked'`),
    says: /Parked message \d+ of \S+ is "gone", which is none of the states there are/,
  },
  {
    check: 'G17',
    when: 'a message that nobody can read was dropped instead of parked',
    damage: (folder) => folder.change('log', `DELETE FROM parked WHERE consumer_group = 'book-service'`),
    says: /book-service has passed message 0 of rental_rent\/\d, which it cannot read, and has not parked it/,
  },
  {
    check: 'G20',
    when: 'a return in flight has the wrong fee',
    damage: (folder) => folder.change('rental', card(`json_set(body, '$.card.items[0].fee', 30)`, 'dahye')),
    says: /dahye returns book 5 0 days late, for 30 points/,
  },
  {
    check: 'G20',
    when: 'a late return was free',
    damage: (folder, { late }) => folder.change('rental', archived('history', `json_set(document, '$.fee', 0)`), late),
    says: /jenny had book 2 from \S+ to \S+, and paid 0 points/,
  },
  {
    check: 'G20',
    when: 'a card owes what no return has cost',
    damage: (folder) => folder.change('rental', card(`json_set(body, '$.card.fee', 20)`, 'jenny')),
    says: /The card of jenny owes 20 points more than its returns cost and were not cleared/,
  },
];

describe('of every kind of damage, names what is wrong, in the one check that is about it', () => {
  it.each(DAMAGES)('$check: $when', async ({ check, damage, says }) => {
    const folder = folders.copy();
    await damage(folder, folders.sagas);
    const { ok, checks } = await verifyFolder(folder.path, ZONE);
    const broken = checks.filter(({ offenders }) => offenders.length > 0);

    expect(broken.map(({ id }) => id)).toEqual([check]);
    expect(broken.flatMap(({ offenders }) => offenders).join('\n')).toMatch(says);
    expect(ok).toBe(false);
  });

  it('has a damage for every check', async () => {
    const { checks } = await verifyFolder(folders.copy().path, ZONE);

    expect([...new Set(DAMAGES.map(({ check }) => check))].toSorted()).toEqual(checks.map(({ id }) => id).toSorted());
  });
});

async function offendersOf({ path }: DamagedFolder): Promise<readonly string[]> {
  return (await verifyFolder(path, ZONE)).checks.flatMap(({ offenders }) => offenders);
}

describe('takes no offence', () => {
  it('at messages that were deleted when their time had come', async () => {
    const folder = folders.copy();
    for (const topic of SAGA_TOPICS) {
      const sql =
        'UPDATE partitions SET first = (SELECT coalesce(max(offset), -1) + 1 FROM messages WHERE messages.topic = partitions.topic AND messages.partition = partitions.partition) WHERE topic = (SELECT id FROM topics WHERE name = ?)';
      folder.change('log', sql, topic);
    }
    folder.change('log', 'DELETE FROM messages');

    expect(await offendersOf(folder)).toEqual([]);
  });

  it('at fences that were dropped when their time had come', async () => {
    const folder = folders.copy();
    const now = Date.now() + 30 * 24 * HOUR;
    folder.change('book', `UPDATE books SET body = json_set(body, '$.newestForgotten', ${now}) WHERE no IS NOT NULL`);
    folder.change('member', `UPDATE members SET body = json_set(body, '$.newestForgotten', ${now})`);
    folder.change('bestbook', `UPDATE rent_counts_1 SET body = json_set(body, '$.newestForgotten', ${now})`);
    folder.change('book', 'DELETE FROM books_entry');
    folder.change('member', 'DELETE FROM members_entry WHERE until IS NOT NULL');
    folder.change('bestbook', 'DELETE FROM rent_counts_1_entry WHERE until IS NOT NULL');
    // minji's rent is counted, and in flight: only a fence could tell that.
    folder.change('bestbook', `UPDATE rent_counts_1_entry SET value = '0' WHERE record = '4'`);
    folder.change('bestbook', `UPDATE rent_counts_1 SET body = json_set(body, '$.count.total', 0) WHERE id = '4'`);

    expect(await offendersOf(folder)).toEqual([]);
  });

  it('at a part that a person has settled by hand, and says so', async () => {
    const folder = folders.copy();
    folder.change(
      'rental',
      archived('saga', `json_set(document, '$.steps.book.state', 'settled')`),
      folders.sagas.undone,
    );
    folder.change('book', 'DELETE FROM books_entry WHERE key = ?', folders.sagas.undone);
    const { ok, notes } = await verifyFolder(folder.path, ZONE);

    expect(ok).toBe(true);
    expect(notes).toContain('1 parts of sagas were settled by hand.');
  });

  it('at a return of a book that its member did not hold, and says so', async () => {
    const folder = folders.copy();
    folder.change('book', fenced('books_entry', `json_set(value, '$.effect', 'nothing')`), folders.sagas.returned);
    folder.change('book', `UPDATE books SET body = json_set(body, '$.strayReturns', 1) WHERE id = '1'`);
    const { ok, notes } = await verifyFolder(folder.path, ZONE);

    expect(ok).toBe(true);
    expect(notes[0]).toMatch(/^1 returns found that their member did not hold the book/);
  });

  it('at a saga that calls for a person, and says so', async () => {
    const folder = folders.copy();
    const { renting } = folders.sagas;
    folder.change(
      'rental',
      card(`json_set(body, '$.sagas."${renting}".attention', 'not-heard', '$.sagas."${renting}".since', 0)`, 'minji'),
    );
    const { ok, notes } = await verifyFolder(folder.path, ZONE);

    expect(ok).toBe(true);
    expect(notes[1]).toMatch(/^A person should look: Saga \S+ \(RENT of book 4 by minji\) is RUNNING: not-heard\.$/);
  });
});

function numberIn(folder: DamagedFolder, file: 'rental' | 'log', sql: string): number {
  return Number(folder.value(file, sql));
}

/** Has minji's announcement, or one of another saga, wait in the outbox of her card since so many milliseconds ago. */
function waitingMessage(folder: DamagedFolder, { renting }: SagaIds, agoMs: number, saga = renting): void {
  const since = numberIn(folder, 'log', 'SELECT max(time + lag) FROM messages') - agoMs;
  const message = JSON.stringify([
    [since, { id: `${saga}:rent:do`, topic: 'rental_rent', saga, time: since, body: {} }],
  ]);
  folder.change('rental', `UPDATE rental_cards SET outbox = ?, outbox_since = ? WHERE id = 'minji'`, message, since);
}
