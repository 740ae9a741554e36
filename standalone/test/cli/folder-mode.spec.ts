import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { SERVICE_SCHEMA } from '@library/shared-kernel/embedded/service-file';
import { LOG_SCHEMA } from '@library/shared-kernel/embedded/log-schema';
import { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import { Fault } from '@library/shared-kernel/store/fault';
import { readEnvironment } from '@library/shared-kernel/service/environment';
import { serveFolder } from '@library/standalone/cli/folder-server';
import { nodeFinding } from '@library/standalone/cli/diagnosis/machine';
import { newFolder, OpenLibrary } from '../open-library';
import { atTheTerminal, type Ended } from './at-the-terminal';

// A library takes its time to open on a busy machine.
jest.setTimeout(30_000);

/** Nobody listens on port 2. */
const NOWHERE = 'http://127.0.0.1:2';

let scratch: string;
let folder: string;
let saga: string;

/** A folder on which nothing runs: jenny has a book; one message of scott's and, later, one of hers could not be published any more. */
beforeAll(async () => {
  scratch = newFolder();
  folder = join(scratch, 'data');
  let isReachable = true;
  const open = await OpenLibrary.open({
    folder,
    between: (log) =>
      new Proxy(log, {
        get: (target, name) => {
          if (name === 'publish' && !isReachable)
            return () => Promise.reject(new Fault('log-unreachable', 'Out of reach.'));
          if (name === 'reachable') return isReachable;
          const value = Reflect.get(target, name) as unknown;
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      }),
  });
  await open.addBook('누구를 위하여 종을 울리나?');
  await open.addBook('토지');
  await open.addMember('jenny', '제니');
  await open.addMember('scott', '스콧');
  await open.rent('jenny', 1);
  saga = (await open.get('/sagas?member=jenny')).body.items[0].id as string;
  await open.library.log.publish([
    {
      topic: 'rental_rent',
      key: 'jenny',
      value: Buffer.from('{'),
      headers: { ce_id: 'x', ce_type: 'ItemRented' },
      time: Date.now(),
    },
  ]);
  await open.until(async () => (await open.get('/ops/parked')).body.items.length === 3);
  isReachable = false;
  await open.rent('scott', 2, {});
  await open.rent('jenny', 2, {});
  await open.stop();
});

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function library(line: string): Promise<Ended> {
  return atTheTerminal([...line.split(' '), '--data', folder]);
}

/** With nothing at the default address. */
function alone(line: string, data = folder): Promise<Ended> {
  return atTheTerminal(line.split(' '), { variables: { HTTP_PORT: '2', DATA_DIR: data } });
}

const contents = () =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith('.db'))
      .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  );

describe('a folder on which nothing runs', () => {
  it('is looked at when nothing answers, which is said', async () => {
    const card = await alone('card jenny');

    expect(card).toMatchObject({
      exit: 0,
      err: `Nothing answers at ${NOWHERE}: this is what the folder ${folder} holds.\n`,
    });
    expect(card.out).toContain('누구를 위하여 종을 울리나?');
  });

  it('is said in JSON to be what was looked at', async () => {
    expect((await alone('card jenny --json')).json).toMatchObject({ fromFolder: folder, member: { id: 'jenny' } });
    expect((await alone(`backup ${join(scratch, 'said')} --json`)).json).toMatchObject({ fromFolder: folder });
  });

  it('is not backed up into itself', async () => {
    expect(await alone(`backup ${join(folder, 'within')}`)).toMatchObject({
      exit: 4,
      err: expect.stringContaining('lies in the data folder, and would be lost with it. Name a new one.'),
    });
  });

  it('stands in for no library that lies elsewhere', async () => {
    const variables = { HTTP_PORT: '2', DATA_DIR: folder };
    const distributed = { MODE: 'distributed', KAFKA_BROKERS: 'localhost:2', MONGO_URL: 'mongodb://localhost:2' };
    for (const verb of ['card jenny', 'verify', 'doctor', `backup ${join(scratch, 'elsewhere')}`]) {
      const args = [...verb.split(' '), '--url', NOWHERE];
      expect(await atTheTerminal(args, { variables })).toMatchObject({ exit: 5, out: '' });
    }
    expect(await atTheTerminal(['saga', 'ls'], { variables: { ...variables, ...distributed } })).toMatchObject({
      exit: 5,
      err: `Nothing answers at ${NOWHERE}. Start the library with \`npm run dev\`, or name another address with --url.\n`,
    });
  });

  it('tells of cards, sagas, messages and topics as the library does', async () => {
    expect((await library('card jenny --history --json')).json).toMatchObject({
      member: { name: '제니' },
      items: [{ no: 1 }, { no: 2 }],
      history: [],
    });
    expect(await library('card nobody')).toMatchObject({ exit: 3 });
    expect(
      (await library('saga ls --json')).json.items.map(
        ({ member, status }: Record<string, string>) => `${member} ${status}`,
      ),
    ).toStrictEqual(['jenny RUNNING', 'scott RUNNING', 'jenny COMPLETED']);
    expect((await library(`saga ${saga} --json`)).json).toMatchObject({ id: saga, status: 'COMPLETED' });
    const traced = (await library(`saga trace ${saga} --json`)).json.items as readonly { readonly id: string }[];
    // On a busy machine the saga asks twice, and is answered twice.
    expect(new Set(traced.map(({ id }) => id)).size).toBe(4);
    expect((await library('parked ls --json')).json.items).toHaveLength(3);
    expect((await library('parked show 1 --json')).json).toMatchObject({ value: { content: '{' } });
    expect((await library('topics --json')).json.items.map(({ topic }: { topic: string }) => topic)).toContain(
      'rental_rent',
    );
    expect((await library('outbox ls --limit 1 --json')).json.items).toMatchObject([
      { service: 'rental-service', record: 'scott', messages: [{ topic: 'rental_rent' }] },
    ]);
    const flying = (await library('saga ls --status RUNNING --member scott --json')).json.items[0].id as string;
    expect((await library(`saga ${flying} --json`)).json).toMatchObject({ member: 'scott', status: 'RUNNING' });
  });

  it('is verified', async () => {
    expect(await library('verify')).toMatchObject({ exit: 0, out: expect.stringContaining('Every invariant holds.') });
  });

  it('G1: ends with 6 when an invariant is broken, and names what breaks it', async () => {
    const broken = join(scratch, 'broken');
    cpSync(folder, broken, { recursive: true });
    const file = SqlFile.open(join(broken, 'book.db'), SERVICE_SCHEMA);
    file.statement(`UPDATE books SET body = replace(body, '"jenny"', '"minji"') WHERE id = '1'`).run();
    file.close();

    const verified = await atTheTerminal(['verify', '--data', broken]);

    expect(verified.exit).toBe(6);
    expect(verified.out).toMatch(/^BROKEN {2}G1 /m);
    expect(verified.out).toMatch(/^G1 {2}.*jenny/m);
  });

  it('is not changed by being looked at', async () => {
    const before = contents();
    for (const line of ['card jenny', 'saga ls', 'topics', 'parked ls', 'outbox ls', 'verify', 'doctor'])
      await library(line);

    expect(contents()).toStrictEqual(before);
  });

  it('is meant when it is named without an address, whatever answers elsewhere', async () => {
    const elsewhere = await OpenLibrary.open();
    const { port } = new URL(elsewhere.origin);
    const args = ['card', 'jenny', '--data', folder];
    const named = await atTheTerminal(args, { variables: { HTTP_PORT: port } });
    const missing = ['verify', 'doctor', `backup ${join(scratch, 'of-nothing')}`].map((line) =>
      atTheTerminal([...line.split(' '), '--json', '--data', join(scratch, 'nothing')], {
        variables: { HTTP_PORT: port },
      }),
    );
    const [verified, diagnosed, backedUp] = await Promise.all(missing);
    await elsewhere.remove();

    expect(named).toMatchObject({ exit: 0, err: `This is what the folder ${folder} holds.\n` });
    const says = `${join(scratch, 'nothing')} is no data folder: its files are missing.`;
    expect(verified!.json).toStrictEqual({ error: { exit: 3, message: says } });
    expect(backedUp!.json).toStrictEqual({ error: { exit: 3, message: says } });
    expect(diagnosed!.json.findings).not.toContainEqual(expect.objectContaining({ what: 'clock' }));
    expect(readdirSync(scratch)).not.toContain('nothing');
  });

  it('is not meant by a command that needs a running library, nor beside an address', async () => {
    expect(await library('rent jenny 2')).toMatchObject({
      exit: 2,
      err: '`library rent` reads no folder, and takes no --data. See `library rent --help`.\n',
    });
    expect(await library(`card jenny --url ${NOWHERE}`)).toMatchObject({
      exit: 2,
      err: 'Name an address with --url or a folder with --data, not both.\n',
    });
    expect((await atTheTerminal(['rent', '--help'])).out).not.toContain('--data');
    expect((await atTheTerminal(['card', '--help'])).out).toContain('--data FOLDER');
  });

  it('is only read, whoever asks for more', async () => {
    const server = await serveFolder(folder, readEnvironment({}));
    const refused = server!.api.ask('POST', '/rental-cards', { body: { member: { id: 'minji', name: '민지' } } });

    await expect(refused).rejects.toMatchObject({ problem: { status: 405 } });
    await server!.close();
  });

  it('does nothing that a running library has to do', async () => {
    expect(await alone('rent jenny 2')).toMatchObject({ exit: 5 });
    expect(await alone('outbox publish')).toMatchObject({ exit: 5 });
    expect(await alone('parked release 1 --reason x')).toMatchObject({ exit: 5 });
  });

  it('R4: is backed up, restored and verified, and no other way round', async () => {
    const [copy, target] = [join(scratch, 'copy'), join(scratch, 'target')];
    expect(await library(`backup ${copy}`)).toMatchObject({
      exit: 0,
      err: expect.stringContaining('is copied as it lies there'),
    });
    const restore = (...more: readonly string[]) => atTheTerminal(['restore', copy, '--data', target, ...more]);

    expect(await restore()).toMatchObject({ exit: 0, out: expect.stringMatching(/^Restored\. /) });
    expect(await atTheTerminal(['verify', '--data', target])).toMatchObject({ exit: 0 });
    expect(await restore()).toMatchObject({
      exit: 4,
      err: expect.stringContaining('--force moves aside what is there.'),
    });
    expect(await restore('--force')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('What was there before is in '),
    });

    const running = await OpenLibrary.open({ folder: target });
    expect(await restore('--force')).toMatchObject({
      exit: 4,
      err: expect.stringContaining('in use by another process'),
    });
    expect(await atTheTerminal(['restore', target, '--data', join(scratch, 'third')])).toMatchObject({
      exit: 4,
      err: expect.stringContaining('is writing to'),
    });
    expect((await running.get('/rental-cards/jenny')).status).toBe(200);
    await running.stop();

    expect(await atTheTerminal(['restore', join(scratch, 'nothing'), '--data', join(scratch, 'third')])).toMatchObject({
      exit: 3,
    });
  });

  it('is said to be held when a library that does not answer is writing there', async () => {
    const held = join(scratch, 'held');
    cpSync(folder, held, { recursive: true });
    const running = await OpenLibrary.open({ folder: held });
    const card = await alone('card jenny', held);
    const { findings } = (await atTheTerminal(['doctor', '--json', '--url', NOWHERE, '--data', held])).json;
    const named = await atTheTerminal(['card', 'jenny', '--data', held]);
    const backup = await atTheTerminal(['backup', join(scratch, 'of-held'), '--data', held]);
    const unasked = (await atTheTerminal(['doctor', '--json', '--data', held])).json;
    await running.stop();

    expect(card).toMatchObject({ exit: 0, err: expect.stringMatching(/process \d+, started at .* is writing there/) });
    expect(findings).toContainEqual(
      expect.objectContaining({ what: 'lock', state: 'warn', says: expect.stringContaining('does not answer') }),
    );
    const refused = {
      exit: 4,
      err: expect.stringMatching(/is held by process \d+, started at .*: ask the library .* with --url/),
    };
    expect(named).toMatchObject(refused);
    expect(backup).toMatchObject(refused);
    expect(unasked.findings).toContainEqual(expect.objectContaining({ what: 'library', state: 'warn' }));
  });
});

const findingsOf = async (data: string) => {
  const { exit, json } = await atTheTerminal(['doctor', '--json', '--data', data], {
    variables: { HTTP_PORT: '0' },
  });
  const byName = Object.fromEntries(json.findings.map((finding: { what: string }) => [finding.what, finding]));
  return { exit, byName };
};

describe('the doctor', () => {
  it('finds a healthy folder healthy, and tells what operators should see to', async () => {
    const { exit, byName } = await findingsOf(folder);

    expect(exit).toBe(0);
    expect(byName).toMatchObject({
      library: { state: 'ok', says: 'It is not running on the folder that was named.' },
      'data folder': { state: 'ok' },
      'disk space': { state: expect.stringMatching(/ok|warn/) },
      lock: { state: 'ok', says: 'Nobody holds the folder.' },
      'rental.db': { state: 'ok' },
      topics: { state: 'ok', says: '8 topics with 4 partitions each.' },
      parked: { state: 'warn', says: '3 messages could not be handled.' },
      outboxes: { state: 'ok', says: expect.stringContaining('The next start publishes it.') },
      sagas: { state: 'ok' },
    });
    expect(byName['disk speed'].says).toMatch(/^A commit waits \d+\.\d\d ms for this disk\.$/);
  });

  it('warns of a folder that is not there', async () => {
    expect(await findingsOf(join(scratch, 'no-such-folder'))).toMatchObject({
      exit: 0,
      byName: { 'data folder': { state: 'warn' } },
    });
  });

  it('finds a file that is damaged, written by a newer program, or missing', async () => {
    const damaged = join(scratch, 'damaged');
    cpSync(folder, damaged, { recursive: true });
    truncateSync(join(damaged, 'book.db'), 6_000);
    writeFileSync(join(damaged, 'member.db'), 'no data file at all, but a text that is long enough to be read');
    rmSync(join(damaged, 'bestbook.db'));
    // The file says that it has five free pages, and has none: it can be read, and is not whole.
    const rental = openSync(join(damaged, 'rental.db'), 'r+');
    writeSync(rental, Buffer.from([0, 0, 0, 5]), 0, 4, 36);
    closeSync(rental);
    const log = SqlFile.open(join(damaged, 'log.db'), LOG_SCHEMA);
    log.statement('PRAGMA user_version = 99').all();
    log.close();

    expect(await findingsOf(damaged)).toMatchObject({
      exit: 1,
      byName: {
        'book.db': { state: 'bad' },
        'member.db': { state: 'bad' },
        'rental.db': { state: 'bad', says: expect.stringContaining('Damaged') },
        'bestbook.db': { state: 'warn' },
        'log.db': { state: 'bad', says: 'Version 99: a newer program wrote it.' },
      },
    });
  });

  it('finds a restore that broke off', async () => {
    const torn = join(scratch, 'torn');
    mkdirSync(torn);
    writeFileSync(join(torn, 'log.db.restoring'), '');

    expect(await findingsOf(torn)).toMatchObject({ exit: 1, byName: { restore: { state: 'bad' } } });
  });

  it('finds an environment that cannot be used, and a Node that is too old', async () => {
    const { json } = await atTheTerminal(['doctor', '--json', '--url', NOWHERE, '--data', join(scratch, 'none')], {
      variables: { LIBRARY_ZONE: 'Mars' },
    });

    expect(json.findings).toContainEqual(expect.objectContaining({ what: 'environment', state: 'bad' }));
    expect(
      ['v18.20.0', 'v20.18.9', 'v21.7.0', 'v22.11.0', 'v23.0.0'].map((version) => nodeFinding(version).state),
    ).toStrictEqual(Array(5).fill('bad'));
    expect(['v20.19.0', 'v22.12.0', 'v24.0.0', 'v26.1.0'].map((version) => nodeFinding(version).state)).toStrictEqual(
      Array(4).fill('ok'),
    );
  });
});
