import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder, OpenLibrary } from '../open-library';
import { atTheTerminal, type Ended } from './at-the-terminal';

// A library takes its time to open on a busy machine.
jest.setTimeout(30_000);

let open: OpenLibrary;
let scratch: string;

beforeAll(async () => {
  scratch = newFolder();
  open = await OpenLibrary.open();
  await open.addBook('누구를 위하여 종을 울리나?');
  await open.addBook('소년이 온다');
  await open.addMember('jenny', '제니');
  await open.addMember('scott', '스콧');
});

afterAll(async () => {
  await open.remove();
  rmSync(scratch, { recursive: true, force: true });
});

/** Words with blanks are in quotes. */
function library(line: string): Promise<Ended> {
  const args = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
  return atTheTerminal([...args, '--url', open.origin]);
}

describe('renting at the terminal', () => {
  it('rents, shows the card, returns late, and clears what is owed', async () => {
    const rented = await library('rent jenny 1');
    expect(rented).toMatchObject({ exit: 0, err: '' });
    expect(rented.out).toMatch(/^Rented\. 누구를 위하여 종을 울리나\? \(1\) is due back on \d{4}-\d{2}-\d{2}\.\n$/);

    expect((await library('card jenny')).out).toMatch(
      /^ 1 {2}누구를 위하여 종을 울리나\? {2}RENTED {2}\d{4}-\d{2}-\d{2} {2}\d{4}-\d{2}-\d{2}$/m,
    );

    expect((await library('clock +15d')).out).toContain('15 d ahead of the machine’s');
    expect((await library('overdue')).out).toMatch(
      /^jenny {3}제니 {3}1 {2}누구를 위하여 종을 울리나\? {2}\d{4}-\d{2}-\d{2}$/m,
    );
    expect((await library('return jenny 1')).out).toBe(
      'Returned. 누구를 위하여 종을 울리나? (1). It was late: 10 points are owed.\n',
    );
    expect(await library('rent jenny 2')).toMatchObject({ exit: 4, err: expect.stringMatching(/^Card unavailable: /) });
    expect((await library('clear jenny')).out).toBe('Cleared. jenny has paid 10 points.\n');
    expect(await library('clear jenny')).toMatchObject({ exit: 4, err: 'Nothing is owed on the card of jenny.\n' });
    expect((await library('card jenny --history')).out).toMatch(
      /^ 1 {2}누구를 위하여 종을 울리나\? {2}\d{4}-\d{2}-\d{2} {2}\d{4}-\d{2}-\d{2} {3}10$/m,
    );
    await library('clock -15d');
  });

  it('says what was undone, why, and where the story is', async () => {
    await library('rent jenny 2');

    const refused = await library('rent scott 2');

    expect(refused).toMatchObject({ exit: 4, out: '' });
    expect(refused.err).toMatch(
      /^Undone: This copy is not on the shelf.+\n`library saga [0-9a-f-]{36}` tells how it went\.\n$/,
    );
  });

  it('prints one JSON document when it is asked to, also when it is refused', async () => {
    expect((await library('card jenny --json')).json).toMatchObject({
      member: { id: 'jenny', name: '제니' },
      items: [{ no: 2, title: '소년이 온다' }],
    });
    const refused = await library('rent scott 2 --json');
    expect(refused).toMatchObject({ exit: 4, err: '' });
    expect(refused.json).toMatchObject({ error: { exit: 4, problem: { code: 'book-not-available', status: 409 } } });
  });

  it('does not wait when it is told so, and does the same once under the same key', async () => {
    const first = await library('return jenny 2 --wait 0 --key desk-1');
    expect(first.out).toMatch(/^It is under way \(RUNNING\)\. `library saga watch [0-9a-f-]{36}` follows it\.\n$/);
    await open.until(async () => (await open.get('/rental-cards/jenny')).body.items.length === 0);

    expect(await library('return jenny 2 --key desk-1 --json')).toMatchObject({ exit: 0 });
    expect((await library('return jenny 2 --json')).json).toMatchObject({
      error: { exit: 4, problem: { code: 'item-not-rented' } },
    });
  });

  it('needs whole numbers', async () => {
    expect(await library('rent jenny seven')).toMatchObject({
      exit: 2,
      err: '<bookNo> is "seven", and must be a whole number from 1 on.\n',
    });
    expect(await library('rent jenny 1 --wait soon')).toMatchObject({ exit: 2 });
    expect(await library('clear jenny 0')).toMatchObject({ exit: 2 });
  });
});

describe('books and members at the terminal', () => {
  it('adds, lists and shows books', async () => {
    const added = await library('book add "토지" --author 박경리 --isbn 9788960533417 --off-shelf');
    expect(added.out).toMatch(/^Registered\. 토지 has the number \d+, and is ENTERED\.\n$/);
    expect(await library('book add "토지" --isbn 9788960533417')).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/^--author is missing: /),
    });

    expect((await library('book ls 토지 --json')).json).toMatchObject({
      items: [{ title: '토지', author: '박경리', status: 'ENTERED' }],
    });
    expect((await library('book ls --status ENTERED --json')).json.items).toHaveLength(1);
    expect((await library('book ls "no such title"')).out).toBe('No book fits.\n');
    expect((await library('book show 1')).out).toContain('title     누구를 위하여 종을 울리나?\n');
    expect(await library('book show 99')).toMatchObject({ exit: 3 });
  });

  it('pages through a list, and says when there are more', async () => {
    const listed = await library('book ls --limit 1');

    expect(listed.out.split('\n')).toHaveLength(4);
    expect(listed.out).toContain('… there are more: --limit shows them.\n');
    expect((await library('book ls --limit 150 --json')).json).not.toHaveProperty('next');
  });

  it('adds, lists, shows and closes members, and adds points by hand', async () => {
    expect((await library('member add dahye 다혜 dahye@example.org')).out).toBe(
      'Registered. 다혜 is known as dahye.\n',
    );
    expect(await library('member add dahye 다혜 dahye@example.org')).toMatchObject({ exit: 4 });
    expect(await library('member add dahye2 다혜 no-address')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('body.email'),
    });
    expect((await library('member adjust dahye 30 --reason "found her umbrella"')).out).toBe(
      'Added. dahye has 30 points now.\n',
    );
    expect(await library('member adjust dahye 30')).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/^--reason is missing: /),
    });
    expect((await library('member points dahye')).out).toMatch(
      /^30 points\n\n.*\n.* {2}ADJUSTMENT {6}30 {2}found her umbrella \(minji\)\n$/,
    );
    expect((await library('member ls --json')).json.items.map(({ id }: { id: string }) => id)).toContain('dahye');
    expect((await library('member close dahye')).out).toBe('dahye is CLOSED.\n');
    expect((await library('member show dahye')).out).toContain('CLOSED');
    expect(await library('member show nobody')).toMatchObject({ exit: 3 });
  });

  it('ranks the books', async () => {
    expect((await library('best --top 1 --json')).json).toMatchObject([{ rank: 1 }]);
    expect(await library('best --from 2026-13-01')).toMatchObject({ exit: 2 });
    expect((await library('best --from 2001-01-01 --to 2001-01-31')).out).toBe('No book was rented.\n');
  });
});

describe('sagas at the terminal', () => {
  let saga: string;

  beforeAll(async () => {
    await library('rent jenny 1');
    saga = (await library('rent scott 1 --json')).json.error.problem.sagaId as string;
  });

  it('are listed and shown with their story', async () => {
    const { items } = (await library('saga ls --status COMPENSATED --member scott --type RENT --limit 1 --json')).json;
    expect(items).toMatchObject([{ id: saga, reason: 'book-not-available' }]);
    expect((await library('saga ls --attention')).out).toBe('No saga fits.\n');

    const shown = await library(`saga ${saga}`);
    expect(shown.out).toContain('status       COMPENSATED, book-not-available\n');
    expect(shown.out).toMatch(/ {2}book refused: book-not-available\n/);
    expect(await library('saga 01936b2e-7c4d-7a10-8f3e-2b1c0d9e8f7a')).toMatchObject({ exit: 3 });
  });

  it('AC-34: are traced message by message, also by the correlation of a request', async () => {
    const traced = await library(`saga trace ${saga}`);
    expect(traced.out.split('\n')[1]).toMatch(/ {2}ItemRented +→ book, member, bestbook +rental_rent\[\d\]@\d+$/);
    expect(traced.out).toMatch(/EventResult +book +refused: book-not-available +rental_result\[\d\]@\d+\n/);

    const { correlationId } = (await library(`saga ${saga} --json`)).json;
    const { items } = (await library(`saga trace --correlation ${correlationId} --json`)).json;
    // On a busy machine the saga asks twice, and is answered twice.
    expect(new Set(items.map(({ id }: { readonly id: string }) => id)).size).toBe(8);
    expect(await library('saga trace --correlation nobody')).toMatchObject({ exit: 3 });
    expect(await library('saga trace')).toMatchObject({ exit: 2 });
    expect(await library(`saga trace ${saga} --correlation x`)).toMatchObject({ exit: 2 });
  });

  it('are watched until they end', async () => {
    const watched = await library(`saga watch ${saga}`);
    expect(watched).toMatchObject({ exit: 0, err: '' });
    // Whoever answers after the book has refused is not listed as done, so there are nine lines or ten.
    const told = watched.out
      .trim()
      .split('\n')
      .map((line) => line.replace(/^\S+ +/, ''));
    expect([told.at(0), told.at(-1)]).toStrictEqual(['announced', 'COMPENSATED']);
    expect(told).toContain('book refused: book-not-available');

    const { id } = (await library('return jenny 1 --wait 0 --json')).json;
    const events = (await library(`saga watch ${id} --json`)).json;
    expect(events).toMatchObject({ status: 'COMPLETED' });
    expect(events.events.map(({ n }: { n: number }) => n)).toStrictEqual(
      events.events.map((_: unknown, at: number) => at),
    );
  });

  it('are settled by hand only while they wait for it', async () => {
    expect(await library(`saga settle ${saga} book --reason "looked at the shelf"`)).toMatchObject({
      exit: 4,
      err: expect.stringContaining('has ended'),
    });
    expect(await library(`saga settle ${saga} nobody --reason x`)).toMatchObject({ exit: 2 });
    expect(await library(`saga settle ${saga} book`)).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/^--reason is missing: /),
    });
  });
});

describe('an operator at the terminal', () => {
  it('P8, G9p: sees to parked messages, one by one or all at once', async () => {
    await open.library.log.publish([
      {
        topic: 'rental_rent',
        key: 'jenny',
        value: Buffer.from('{\u001b'),
        headers: { ce_id: 'x', ce_type: 'ItemRented' },
        time: Date.now(),
      },
    ]);
    await open.until(async () => (await open.get('/ops/parked')).body.items.length === 3);
    const [{ id }, other] = (await library('parked ls --group book-service --json')).json.items.concat(
      (await library('parked ls --group member-service --json')).json.items,
    );

    expect((await library('parked ls')).out).toMatch(/book-service +ItemRented +1 +parked +unreadable/);
    expect((await library(`parked show ${id}`)).out).toContain('value, utf-8\n{\\u001b\n');
    expect(await library(`parked release ${id} --reason mended`)).toMatchObject({
      exit: 1,
      out: expect.stringMatching(/^It failed again, and is parked for the 2\. time\. unreadable: /),
    });
    expect(await library(`parked discard ${id} --reason rubbish`)).toMatchObject({
      exit: 0,
      out: 'The message is discarded.\n',
    });
    expect(await library(`parked release ${id} --reason mended`)).toMatchObject({
      exit: 4,
      out: `Nothing was done: the message is discarded. \`library parked restore ${id}\` takes that back.\n`,
    });
    expect((await library(`parked restore ${id} --reason "not rubbish" --actor scott`)).out).toBe(
      'The message is parked.\n',
    );
    expect((await library(`parked show ${id} --json`)).json.notes).toMatchObject([
      { did: 'failed-again', actor: 'minji', reason: 'mended' },
      { did: 'discarded', actor: 'minji', reason: 'rubbish' },
      { did: 'restored', actor: 'scott', reason: 'not rubbish' },
    ]);
    expect(await library('parked release --all --group book-service --reason again')).toMatchObject({
      exit: 1,
      out: '1 message was parked: 0 released, 0 obsolete, 1 failed again.\n',
    });

    expect(await library(`parked discard ${other.id}`)).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/^--reason is missing: /),
    });
    expect(await library('parked release --reason x')).toMatchObject({ exit: 2, err: 'Name a message, or --all.\n' });
    expect(await library('parked show 999')).toMatchObject({ exit: 3 });
    for (const parked of (await library('parked ls --json')).json.items)
      await library(`parked discard ${parked.id} --reason rubbish`);
    expect((await library('parked ls')).out).toBe('Nothing is parked.\n');
    expect((await library('parked ls --all --json')).json.items).toHaveLength(3);
  });

  it('sees what waits to be published, and the topics', async () => {
    await open.until(async () => (await open.get('/ops/outbox')).body.items.length === 0);

    expect((await library('outbox ls')).out).toBe('Nothing waits to be published.\n');
    expect(await library('outbox events')).toMatchObject({
      exit: 5,
      err: expect.stringContaining('does not do this: only the services of a distributed library do'),
    });
    expect((await library('outbox publish --json')).json).toStrictEqual({ records: 0 });
    expect((await library('topics')).out).toMatch(/^rental_result +4 +\d+ +[\d.]+ kB +rental-service$/m);
  });

  it('has the invariants checked', async () => {
    const verified = await library('verify');

    expect(verified).toMatchObject({ exit: 0, err: '' });
    expect(verified.out).toMatch(/^ok {2}G3 +\d+ {2}Points are the sum of the ledger/m);
    expect(verified.out).toContain('Every invariant holds.');
  });

  it('R4: backs up into a new folder only', async () => {
    expect((await library(`backup ${join(scratch, 'copy')}`)).out).toMatch(/^Backed up\. 5 files, [\d.]+ kB, are in /);
    expect(await library(`backup ${join(scratch, 'copy')}`)).toMatchObject({
      exit: 4,
      err: expect.stringContaining('is not empty. Name a new one.'),
    });
  });

  it('asks the doctor, who finds a shifted clock', async () => {
    await library('clock +2d');
    const { json } = await library(`doctor --json --data ${open.folder}`);
    await library('clock -2d');

    expect(json.ok).toBe(true);
    const byName = Object.fromEntries(
      json.findings.map(({ what, state }: { what: string; state: string }) => [what, state]),
    );
    expect(byName).toMatchObject({
      'Node.js': 'ok',
      library: 'ok',
      clock: 'warn',
      'data folder': 'ok',
      lock: 'ok',
      'log.db': 'ok',
      topics: 'ok',
      parked: 'ok',
      sagas: 'ok',
    });
  });
});
