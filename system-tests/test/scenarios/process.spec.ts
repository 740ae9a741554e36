import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServingProcess } from '@library/infra/serving-process';
import { contentsOf, HEADER_BYTES } from '@library/shared-kernel/embedded/journal-segment';
import { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import { Client } from '../../src/client';
import { LibraryProcess } from '../../src/library-process';
import { eventually } from '../over-http';

const MAIN = join(__dirname, '..', '..', '..', 'standalone', 'dist', 'main.js');
const BOOK = {
  title: '토지',
  author: '박경리',
  isbn: '9788960533417',
  classification: 'LITERATURE',
  source: 'SUPPLY',
  location: 'PANGYO',
};

async function stock(client: Client): Promise<void> {
  await client.post('/members', { id: 'jenny', name: '제니', email: 'jenny@example.org' });
  await client.post('/books', BOOK);
}

function rent(client: Client, headers: Readonly<Record<string, string>> = {}) {
  return client.post('/rental-cards/jenny/rentals', { memberName: '제니', item: { no: 1, title: '토지' } }, headers);
}

/** What the process says before it gives up, and its exit code. */
function run(environment: Readonly<Record<string, string>>): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN], { env: { ...process.env, HTTP_PORT: '0', ...environment } });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('exit', (code) => resolve({ code, said: said.trim() }));
  });
}

/** For a process to begin with: a full disk is met when the files are closed. */
const FULL_AT_THE_END = `
  const { prototype } = require(${JSON.stringify(require.resolve('libsql'))});
  const { prepare } = prototype;
  prototype.prepare = function (sql) {
    if (sql.includes('TRUNCATE')) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    return prepare.call(this, sql);
  };
`;

const A_WHILE_MS = 20_000;

// Each test starts processes, which takes its time on a busy machine.
jest.setTimeout(60_000);

/** The real process, as it was compiled. */
describe('the process', () => {
  let folder: string;
  const started: LibraryProcess[] = [];
  const clients: Client[] = [];

  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'library-process-'))));
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    for (const library of started.splice(0)) await library.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (environment: Readonly<Record<string, string>> = {}) => {
    const library = await LibraryProcess.start(folder, 0, environment);
    started.push(library);
    const client = new Client(library.origin, 8);
    clients.push(client);
    return { library, client };
  };

  it('has everything that it acknowledged after kill -9, and ends what was under way [S1] [C2] [C5] [O2]', async () => {
    const { library, client } = await start();
    await stock(client);
    const accepted = await rent(client, { 'Idempotency-Key': 'once' });
    await library.kill();

    const { client: again } = await start();
    const repeated = await rent(again, { 'Idempotency-Key': 'once', Prefer: 'wait=10' });

    expect(accepted.status).toBe(202);
    expect(repeated).toMatchObject({ status: 201, body: { no: 1, state: 'RENTED' } });
    expect(await again.get(`/sagas/${(accepted.body as { id: string }).id}`)).toMatchObject({
      status: 200,
      body: { status: 'COMPLETED' },
    });
  });

  it('finishes what is in hand when it is asked to stop, exits with 0, and leaves the folder to the next one [O1]', async () => {
    const { library, client } = await start();
    await stock(client);
    const fresh = new Client(library.origin, 1);
    clients.push(fresh);
    const answer = rent(fresh, { Prefer: 'wait=5' });
    await eventually(async () => expect((await client.get('/sagas')).body).toMatchObject({ items: [{}] }));

    const [rented, code] = await Promise.all([answer, library.stop()]);

    // Waiting ends with the process: the rent was done by then, or it is done by the next one.
    expect([201, 202]).toContain(rented.status);
    expect(code).toBe(0);
    const { client: again } = await start();
    const rentedOnce = await rent(again, { Prefer: 'wait=10' });
    expect([201, 409]).toContain(rentedOnce.status);
    expect(await again.get('/rental-cards/jenny')).toMatchObject({ body: { items: [{ no: 1, state: 'RENTED' }] } });
  });

  it('stops at once when it is asked twice, and loses nothing [O1]', async () => {
    const { library, client } = await start();
    await stock(client);
    const accepted = await rent(client);
    const held = client.get(`/sagas/${(accepted.body as { id: string }).id}/events`).catch(() => undefined);
    await Promise.all([library.stop(), library.stop()]);
    await held;

    const { client: again } = await start();
    expect(await again.get('/rental-cards/jenny')).toMatchObject({ status: 200, body: { items: [{ no: 1 }] } });
  });

  it('says in a sentence what kept it from ending in order, such as a disk that is full by then, and has lost nothing [S3]', async () => {
    const full = join(folder, 'full-at-the-end.cjs');
    writeFileSync(full, FULL_AT_THE_END);
    const env = { ...process.env, DATA_DIR: join(folder, 'data'), HTTP_PORT: '0' };
    const library = ServingProcess.start('The library', process.execPath, ['--require', full, MAIN], { env });
    const client = new Client(await library.listens(), 1);
    clients.push(client);
    await stock(client);
    const { code } = await library.stop();

    expect(code).toBe(1);
    expect(library.said).toMatch(/^The disk that holds ".+\.db" is full, .+ nothing needs to be restarted\.$/mu);
    expect(library.said).not.toMatch(/^ +at /mu);
    const { client: again } = await start({ DATA_DIR: env.DATA_DIR });
    expect((await again.get('/members/jenny')).status).toBe(200);
  });

  it('refuses a folder that another process holds, in one sentence [S2]', async () => {
    await start();

    const { code, said } = await run({ DATA_DIR: folder });

    expect(code).toBe(1);
    expect(said).toMatch(/^The data folder ".*" is in use by another process .*\.$/);
  });

  it('names the port that is taken [O10]', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };

    const { code, said } = await run({ DATA_DIR: folder, HTTP_PORT: String(port) });
    await new Promise((resolve) => server.close(resolve));

    expect(code).toBe(1);
    expect(said).toContain(`Cannot listen on port ${port}`);
    expect(said).toContain('HTTP_PORT');
  });

  it.each([
    ['HTTP_PORT', 'eighty', 'HTTP_PORT="eighty"'],
    ['LIBRARY_ZONE', 'Asia/Soul', 'must be a time zone'],
    ['LIBRARY_NOW', 'tomorrow', 'must be an RFC 3339 time'],
    ['MODE', 'cloudy', 'must be "embedded"'],
    ['MODE', 'distributed', '`npm start` is the embedded library'],
  ])('says what is wrong with %s=%s and starts nothing [O10]', async (name, value, sentence) => {
    const { code, said } = await run({ DATA_DIR: join(folder, 'new'), [name]: value });

    expect(code).toBe(1);
    expect(said).toContain(sentence);
    expect(existsSync(join(folder, 'new'))).toBe(false);
  });

  it('says that a file is no database, and leaves it alone', async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'book.db'), 'this is no database, but somebody may need it');

    const { code, said } = await run({ DATA_DIR: folder });

    expect(code).toBe(1);
    expect(said).toMatch(/book\.db/);
    expect(said).not.toMatch(/\n\s+at /);
  });

  it('ends in order when nothing can be written to its log any more', async () => {
    const full = openSync('/dev/full', 'w');
    const env = { ...process.env, DATA_DIR: folder, HTTP_PORT: '0' };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', full] });
    await once(child.stdout!, 'data');

    child.kill('SIGTERM');

    expect(await once(child, 'exit')).toEqual([0, null]);
    closeSync(full);
  });

  it('refuses to count the days of its data by another zone, in one sentence that names both [O10]', async () => {
    const { library } = await start();
    await library.stop();

    const { code, said } = await run({ DATA_DIR: folder, LIBRARY_ZONE: 'Europe/Berlin' });

    expect(code).toBe(1);
    expect(said).toMatch(
      /^This library .*Asia\/Seoul.*LIBRARY_ZONE=Europe\/Berlin: start it with LIBRARY_ZONE=Asia\/Seoul\.$/,
    );
    expect((await (await start()).client.get('/books')).status).toBe(200);
  });

  it('turns connections away when it has no file descriptor left, and works again when it has [N4]', async () => {
    const limited = ['-c', 'ulimit -n 70 && exec "$0" "$1"', process.execPath, MAIN];
    const library = ServingProcess.start('The library', 'sh', limited, {
      env: { ...process.env, DATA_DIR: folder, HTTP_PORT: '0', LOG_LEVEL: 'warn' },
    });
    try {
      const { hostname, port, origin } = new URL(await library.listens());
      const client = new Client(origin, 1);
      clients.push(client);
      await stock(client);
      client.close();
      const gone = new Set<number>();
      const connections = Array.from({ length: 100 }, (_, at) =>
        connect(Number(port), hostname)
          .on('error', () => undefined)
          .on('close', () => gone.add(at)),
      );
      await eventually(() => expect(gone.size).toBeGreaterThan(0), A_WHILE_MS);
      for (const connection of connections) connection.destroy();
      // It lets go of its ends a moment later than we of ours.
      await eventually(async () => expect((await client.get('/health/live')).status).toBe(200), A_WHILE_MS);

      expect(await rent(client, { Prefer: 'wait=10' })).toMatchObject({ status: 201 });
      expect((await library.stop()).code).toBe(0);
    } finally {
      await library.kill();
    }
  });

  it('refuses data of a newer version', async () => {
    const { library } = await start();
    await library.stop();
    SqlFile.open(join(folder, 'rental.db'), Array<string>(99).fill('SELECT 1')).close();

    const { code, said } = await run({ DATA_DIR: folder });

    expect(code).toBe(1);
    expect(said).toMatch(/newer version/);
  });

  it('survives a log whose tail was torn off, with all that it had acknowledged before [S1]', async () => {
    const { library, client } = await start();
    await stock(client);
    await rent(client, { Prefer: 'wait=5' });
    await library.kill();
    const copy = mkdtempSync(join(tmpdir(), 'library-torn-'));
    for (const file of readdirSync(folder).filter((name) => !name.startsWith('lock.')))
      copyFileSync(join(folder, file), join(copy, file));
    const half = Buffer.from('half a page of a commit that nobody was told of');
    writeFileSync(join(copy, 'book.db-wal'), half, { flag: 'a' });
    const journal = openSync(join(copy, 'journal.1'), 'r+');
    const { frames } = contentsOf(join(copy, 'journal.1'))!;
    writeSync(
      journal,
      half,
      0,
      half.length,
      frames.reduce((sum, { bytes }) => sum + bytes.length, HEADER_BYTES),
    );
    closeSync(journal);
    expect(frames).not.toHaveLength(0);

    const torn = await LibraryProcess.start(copy);
    started.push(torn);
    const look = new Client(torn.origin, 1);
    clients.push(look);

    expect(await look.get('/books/1')).toMatchObject({ body: { status: 'UNAVAILABLE', holder: { id: 'jenny' } } });
    rmSync(copy, { recursive: true, force: true });
  });

  // Root may write everywhere, so that a file in the folder's place has to do.
  it('says that the folder cannot be used [S3]', async () => {
    const file = join(folder, 'not-a-folder');
    writeFileSync(file, '');

    const { code, said } = await run({ DATA_DIR: file });

    expect(code).toBe(1);
    expect(said).toContain(file);
    expect(said).not.toMatch(/\n\s+at /);
  });
});
