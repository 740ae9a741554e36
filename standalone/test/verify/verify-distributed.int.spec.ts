import { canStartServers } from '@library/infra/for-tests';
import { run } from '@library/standalone/cli/run';
import { VERBS } from '@library/standalone/cli/verbs';
import type { CheckId, VerifyReport } from '@library/standalone/verify/report';
import { setTimeout as pause } from 'node:timers/promises';
import { DistributedLibrary, until, type Stored } from './distributed-library';

jest.setTimeout(180_000);

interface Sagas {
  readonly rented: string;
  readonly undone: string;
  readonly returned: string;
  readonly renting: string;
}

let library: DistributedLibrary;
let sagas: Sagas;

type Json = Record<string, any>; // eslint-disable-line typescript/no-explicit-any -- what a test breaks has the shape of what is kept

/** Changes the JSON in one of a document's fields. */
function inside(field: 'body' | 'document' | 'value', change: (json: Json) => void) {
  return (stored: Stored): Stored => {
    const json = JSON.parse(stored[field] as string) as Json;
    change(json);
    return { ...stored, [field]: JSON.stringify(json) };
  };
}

const gone = () => undefined;
const without = (field: string) => (stored: Stored) =>
  Object.fromEntries(Object.entries(stored).filter(([name]) => name !== field)) as Stored;
/** Of what lies in a collection of its own, and belongs to this record. */
const isOf =
  ({ _id: id }: Stored) =>
  (one: Stored) =>
    one['record'] === id;
const record = (id: string) => new RegExp(`^${id}$`);
const archived = (kind: string, id: string) => new RegExp(`"${kind}","${id}`);
const entry = (key: string) => new RegExp(`"${key}"\\]$`);
const offendersIn = ({ checks }: VerifyReport) => checks.flatMap(({ offenders }) => offenders);

/** In flight as if it had just begun, however old the copy is. */
async function copy(): Promise<string> {
  const database = await library.copy();
  const now = Date.now();
  await library.damage(database, 'rental', 'rental_cards', record('minji'), (stored) => ({
    ...inside('body', ({ sagas: all }) => Object.assign(all[sagas.renting], { dueAt: now + 2_000, since: now }))(
      stored,
    ),
    dueAt: now + 2_000,
  }));
  return database;
}

interface Damage {
  readonly check: CheckId;
  /** What no service would do. */
  readonly when: string;
  readonly damage: (database: string) => Promise<void>;
  readonly says: RegExp;
}

const DAMAGES: readonly Damage[] = [
  {
    check: 'G1',
    when: 'a book is with another member than the card says',
    damage: (database) =>
      library.damage(
        database,
        'book',
        'books',
        record('3'),
        inside('body', ({ book }) => (book.holder.id = 'minji')),
      ),
    says: /Book 3 is on the card of scott, and the book says that minji has it/,
  },
  {
    check: 'G1',
    when: 'a book on a card is on the shelf as well',
    damage: (database) =>
      library.damage(
        database,
        'book',
        'books',
        record('3'),
        inside('body', ({ book }) => (book.status = 'AVAILABLE')),
      ),
    says: /Book 3 is on the card of scott, and the book says AVAILABLE/,
  },
  {
    check: 'G1',
    when: 'a book is out, and on no card',
    damage: (database) =>
      library.damage(
        database,
        'rental',
        'rental_cards',
        record('scott'),
        inside('body', ({ card }) => (card.items = [])),
      ),
    says: /Book 3 is out to scott by saga \S+, and neither a card nor a saga in flight holds it/,
  },
  {
    check: 'G3',
    when: 'an entry of the ledger is lost',
    damage: (database) => library.damage(database, 'member', 'archive', archived('ledger', sagas.rented), gone),
    says: /is COMPLETED, and its points in the ledger come to 0, not 10[^]*jenny has 10 points more than the ledger says/,
  },
  {
    check: 'G3',
    when: 'a member has more points than the ledger says',
    damage: (database) =>
      library.damage(
        database,
        'member',
        'members',
        record('jenny'),
        inside('body', ({ member }) => (member.points = 99)),
      ),
    says: /jenny has 79 points more than the ledger says/,
  },
  {
    check: 'G4',
    when: 'nobody looks after a saga that is due',
    damage: (database) =>
      library.damage(database, 'rental', 'rental_cards', record('minji'), (stored) => ({
        ...inside('body', (body) => (body['sagas'][sagas.renting].dueAt -= 600_000))(stored),
        dueAt: (stored['dueAt'] as number) - 600_000,
      })),
    says: /Saga \S+ \(RENT of book 4 by minji\) is RUNNING and was due \d+ s ago/,
  },
  {
    check: 'G4',
    when: 'a saga gets no further and calls for nobody',
    damage: (database) =>
      library.damage(
        database,
        'rental',
        'rental_cards',
        record('minji'),
        inside('body', (body) => (body['sagas'][sagas.renting].since -= 3_600_000)),
      ),
    says: /Saga \S+ \(RENT of book 4 by minji\) has been RUNNING for \d+ s, and calls for nobody/,
  },
  {
    check: 'G5',
    when: 'no sweep finds a card with a saga in flight',
    damage: (database) => library.damage(database, 'rental', 'rental_cards', record('minji'), without('dueAt')),
    says: /The card of minji is swept never, and its sagas are due at/,
  },
  {
    check: 'G6',
    when: 'a participant’s fence is lost',
    damage: (database) => library.damage(database, 'book', 'books_entries', entry(sagas.rented), gone),
    says: /Saga \S+ \(RENT of book 1 by jenny\) is COMPLETED and book is done, but it remembers nothing of it/,
  },
  {
    check: 'G6',
    when: 'a participant has not undone what was compensated',
    damage: (database) =>
      library.damage(
        database,
        'book',
        'books_entries',
        entry(sagas.undone),
        inside('value', (fence) => delete fence['undone']),
      ),
    says: /Saga \S+ \(RENT of book 3 by jenny\) is COMPENSATED and book is undone, but it has not undone it/,
  },
  {
    check: 'G6',
    when: 'a rent is counted twice',
    damage: async (database) => {
      await library.damage(database, 'bestbook', 'rent_counts_1_entries', /^\["3","\d{4}-/, (day) => ({
        ...day,
        value: 2,
      }));
      await library.damage(
        database,
        'bestbook',
        'rent_counts_1',
        record('3'),
        inside('body', ({ count }) => (count.total = 2)),
      );
    },
    says: /Book 3 is counted 1 times too often on \d{4}-\d{2}-\d{2}/,
  },
  {
    check: 'G6',
    when: 'the rents of a book are not the sum of its days',
    damage: (database) =>
      library.damage(
        database,
        'bestbook',
        'rent_counts_1',
        record('3'),
        inside('body', ({ count }) => (count.total = 7)),
      ),
    says: /The rents of book 3 are not the sum of its days/,
  },
  {
    check: 'G6',
    when: 'a return is not in the history',
    damage: (database) => library.damage(database, 'rental', 'archive', archived('history', sagas.returned), gone),
    says: /is COMPLETED, and the history of jenny has nothing by it[^]*counts 1 returns more than the history has/,
  },
  {
    check: 'G7',
    when: 'a saga in flight has no place on the card',
    damage: (database) =>
      library.damage(
        database,
        'rental',
        'rental_cards',
        record('minji'),
        inside('body', ({ card }) => (card.items = [])),
      ),
    says: /Saga \S+ \(RENT of book 4 by minji\) is RUNNING, and nothing on the card is kept for it/,
  },
  {
    check: 'G9',
    when: 'a message has waited for an hour',
    damage: (database) =>
      library.damage(database, 'book', 'books', record('1'), (stored) => ({
        ...stored,
        waiting: [
          {
            since: 0,
            text: JSON.stringify({ id: 'x', topic: 'rental_result', saga: sagas.rented, time: 0, body: {} }),
          },
        ],
        waitingSince: Date.now() - 3_600_000,
      })),
    says: /Book 1 has waited for 36\d\d s to publish 1 messages/,
  },
  {
    check: 'G10',
    when: 'a saga is compensated before everybody has confirmed',
    damage: (database) =>
      library.damage(
        database,
        'rental',
        'archive',
        archived('saga', sagas.undone),
        inside('document', ({ steps }) => (steps.member.state = 'undoing')),
      ),
    says: /Saga \S+ \(RENT of book 3 by jenny\) is COMPENSATED, and member is only undoing/,
  },
  {
    check: 'G12',
    when: 'an ended saga is still due',
    damage: (database) =>
      library.damage(
        database,
        'rental',
        'archive',
        archived('saga', sagas.rented),
        inside('document', (saga) => (saga['dueAt'] = 1)),
      ),
    says: /is archived as COMPLETED/,
  },
  {
    check: 'G13',
    when: 'a saga in flight is not found by its id',
    damage: (database) => library.damage(database, 'rental', 'rental_cards', record('minji'), without('aliases')),
    says: /Saga \S+ \(RENT of book 4 by minji\) is in flight, and is not found by its id/,
  },
  {
    check: 'G14',
    when: 'a card counts more keys than it keeps',
    damage: (database) =>
      library.damage(
        database,
        'rental',
        'rental_cards',
        record('jenny'),
        inside('body', (body) => (body['keys'] = 5)),
      ),
    says: /The card of jenny counts 5 idempotency keys, and keeps 1/,
  },
  {
    check: 'G17',
    when: 'a message that nobody can read was dropped instead of parked',
    damage: (database) => library.damage(database, 'book', 'parked', /./, gone),
    says: /book-service has passed message \d+ of rental_rent\/\d, which it cannot read, and has not parked it/,
  },
  {
    check: 'G20',
    when: 'a card owes what no return has cost',
    damage: (database) =>
      library.damage(
        database,
        'rental',
        'rental_cards',
        record('jenny'),
        inside('body', ({ card }) => (card.fee = 20)),
      ),
    says: /The card of jenny owes 20 points more than its returns cost and were not cleared/,
  },
  {
    // Here because it cannot be taken back: the topics are those of all copies.
    check: 'G8',
    when: 'a topic has a message of a saga that never was',
    damage: () => library.publish('rental_rent', { ce_id: 'ghost:rent:do', ce_sagaid: 'ghost', ce_type: 'ItemRented' }),
    says: /There are messages of saga ghost, which nobody knows/,
  },
];

(canStartServers() ? describe : describe.skip)('verify, of a distributed library', () => {
  beforeAll(async () => {
    library = await DistributedLibrary.start();
    await library.stock(['jenny', 'scott', 'minji', 'dahye'], 8);
    await library.publish('rental_rent', {});
  });
  afterAll(() => library?.throwAway());

  it('finds nothing wrong while few books are lent and taken back without a pause', async () => {
    const done = new AbortController();
    const keepBusy = async (member: string, books: readonly number[]) => {
      while (!done.signal.aborted) {
        for (const book of books)
          if ((await library.rent(member, book)).status === 201) await library.giveBack(member, book);
      }
    };
    const busy = [keepBusy('scott', [5, 6, 7]), keepBusy('dahye', [7, 6, 8]), keepBusy('minji', [5, 8])];

    const reports: VerifyReport[] = [];
    for (let times = 0; times < 3; times++) {
      await pause(200);
      reports.push(await library.verify(undefined, 100));
    }
    done.abort();
    await Promise.all(busy);

    expect(reports.flatMap(offendersIn)).toEqual([]);
    expect(reports.some(({ quiescent }) => !quiescent)).toBe(true);
    expect(reports[0]!.notes.join('\n')).toMatch(/Looked [3-6] times\./);
  });

  it('looks once at a library that rests', async () => {
    const rented = (await library.rent('jenny', 1, { 'Idempotency-Key': 'k-1' })).body.id!;
    await until(
      'it was rented',
      async () => (await library.ask('rental', 'GET', `/sagas/${rented}`)).body.status === 'COMPLETED',
    );
    expect((await library.rent('scott', 3)).status).toBe(201);
    const undone = (await library.rent('jenny', 3)).body.sagaId!;
    const returned = (await library.giveBack('jenny', 1, {})).body.id!;
    await until('it rested', async () => (await library.verify()).quiescent);
    const { ok, notes } = await library.verify();

    expect(ok).toBe(true);
    expect(notes).toEqual(['3 parked messages wait for a person.', 'Looked once: nothing was wrong.']);

    await library.end('member');
    const renting = (await library.rent('minji', 4, {})).body.id!;
    await until(
      'the book was taken',
      async () => (await library.ask('book', 'GET', '/books/4')).body.status === 'UNAVAILABLE',
    );
    sagas = { rented, undone, returned, renting };
    for (const name of ['rental', 'book', 'bestbook'] as const) await library.end(name);
  });

  it('finds nothing wrong where nothing runs any more, and says what is in flight', async () => {
    const report = await library.verify(await copy());

    expect(offendersIn(report)).toEqual([]);
    expect(report.quiescent).toBe(false);
    expect(report.notes).toContain('1 sagas are in flight.');
  });

  it('finds what is still in its record, on its way out, and counts once what has just arrived as well', async () => {
    const before = await library.verify(await copy());
    for (const hasArrived of [false, true]) {
      const database = await copy();
      await takeBack(database, 'rental', 'rental_cards', hasArrived);
      await takeBack(database, 'member', 'members', hasArrived);
      await takeBack(database, 'book', 'books', hasArrived);
      await takeBack(database, 'bestbook', 'rent_counts_1', hasArrived);
      const after = await library.verify(database);

      expect(offendersIn(after)).toEqual([]);
      expect(after.checks).toEqual(before.checks);
    }
  });

  it('takes the newer one of an entry that lies in its record and outside', async () => {
    const database = await copy();
    const [day] = (await library.all(database, 'bestbook', 'rent_counts_1_entries')).filter(({ _id }) =>
      /^\["3","\d/.test(_id),
    );
    const { _id, record: of, ...part } = day as Stored & { record: string };
    await library.damage(database, 'bestbook', 'rent_counts_1', record(of), (stored) => ({
      ...stored,
      entries: [{ ...part, value: 77, version: (part['version'] as number) - 1 }],
    }));

    expect(offendersIn(await library.verify(database))).toEqual([]);
  });

  it.each(DAMAGES)('$check: says that $when', async ({ check, damage, says }) => {
    const database = await copy();
    await damage(database);
    const report = await library.verify(database);

    expect(report.checks.filter(({ offenders }) => offenders.length > 0).map(({ id }) => id)).toEqual([check]);
    expect(offendersIn(report).join('\n')).toMatch(says);
    expect(report.notes.join('\n')).toMatch(/Looked 3 times: what is named was wrong each of the last 3\./);
  });

  describe('on the command line', () => {
    it('ends with 6 and names what is wrong, as text and as JSON', async () => {
      // The ghost's message is there by now.
      const variables = library.variables(await copy());
      const text = await command(variables);
      const json = await command(variables, '--json');

      expect(text.exit).toBe(6);
      expect(text.said).toMatch(/BROKEN +G8/);
      expect(text.said).toMatch(/Looked 3 times/);
      expect(json.exit).toBe(6);
      expect((JSON.parse(json.said) as VerifyReport).ok).toBe(false);
    });

    it('ends with 5 when the databases or the brokers cannot be reached', async () => {
      const nowhere = { MONGO_URL: 'mongodb://127.0.0.1:9' };
      const nobody = { KAFKA_BROKERS: '127.0.0.1:9' };

      expect(await command({ ...library.variables(), ...nowhere })).toEqual({
        exit: 5,
        said: expect.stringMatching(
          /^MongoDB cannot be reached: .*See KAFKA_BROKERS and MONGO_URL, and whether both run/su,
        ),
      });
      expect(await command({ ...library.variables(), ...nobody })).toEqual({
        exit: 5,
        said: expect.stringMatching(/^No broker answers: /u),
      });
    });

    it('asks the address that is named, whatever the mode', async () => {
      const { exit, said } = await command(library.variables(), '--url', 'http://127.0.0.1:9');

      expect(exit).toBe(5);
      expect(said).toMatch(/Nothing answers at http:\/\/127\.0\.0\.1:9/);
    });
  });
});

/** `npx library verify …`: how it ends, and all that it says. */
async function command(variables: Readonly<Record<string, string>>, ...args: readonly string[]) {
  let said = '';
  const terminal = {
    out: (text: string) => void (said += text),
    err: (text: string) => void (said += text),
    isColoured: false,
    variables,
    user: 'minho',
    signal: new AbortController().signal,
  };
  return { exit: await run(['verify', ...args], terminal, VERBS), said };
}

/** Puts entries and archive entries back into their records' documents, as if they had not been moved, or only just. */
async function takeBack(
  database: string,
  name: 'rental' | 'member' | 'book' | 'bestbook',
  kind: string,
  hasArrived: boolean,
): Promise<void> {
  const entries = await library.all(database, name, `${kind}_entries`);
  const archive = await library.all(database, name, 'archive');
  await library.damage(database, name, kind, /./, (stored) => ({
    ...stored,
    entries: entries.filter(isOf(stored)).map(without('_id')).map(without('record')),
    leaving: archive.filter(isOf(stored)).map(({ kind: archivedAs, id, document }) => ({
      since: 0,
      text: JSON.stringify({ kind: archivedAs, id, document: JSON.parse(document as string) as unknown }),
    })),
  }));
  if (hasArrived) return;
  await library.damage(database, name, `${kind}_entries`, /./, gone);
  if (archive.length > 0) await library.damage(database, name, 'archive', /./, gone);
}
