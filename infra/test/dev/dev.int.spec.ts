import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { canStartServers, kafkaBrokers, mongoUrl } from '@library/infra/for-tests';
import { freePortsInARow } from '@library/infra/ports';
import { throwAway } from '@library/infra/whereabouts';

const PROGRAM = join(__dirname, '..', '..', 'dist', 'dev', 'main.js');
const SERVICES = ['rental-service', 'book-service', 'member-service', 'bestbook-service'];
const ADDRESSES = ['KAFKA_BROKERS', 'MONGO_URL'];

/** Where what it starts keeps its own. */
const FOLDER = mkdtempSync(join(tmpdir(), 'dev-spec-'));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

jest.setTimeout(240_000);

/** The whole library's, and one for each service after it. */
const PORTS = 1 + SERVICES.length;

/** `npm run dev`, as somebody at a desk runs it. */
class AtDesk {
  said = '';
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(args: readonly string[], variables: Readonly<Record<string, string>>) {
    const environment = Object.entries(process.env).filter(([name]) => !ADDRESSES.includes(name));
    this.child = spawn(process.execPath, [PROGRAM, ...args], {
      env: { ...Object.fromEntries(environment), TMPDIR: FOLDER, ...variables },
    });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (chunk: Buffer) => void (this.said += chunk.toString()));
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
  }

  get pid(): number {
    return this.child.pid!;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async says(what: RegExp, times = 1): Promise<RegExpExecArray> {
    const all = new RegExp(what, 'gm');
    for (const until = Date.now() + 150_000; ; await pause(50)) {
      const found = [...this.said.matchAll(all)];
      if (found.length >= times) return found[times - 1]!;
      if (Date.now() > until) throw new Error(`It never said ${what}, but:\n${this.said}`);
    }
  }
}

/** Pids of what it has started and what these have started, itself not among them. */
function descendantsOf(pid: number): readonly number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const [, parent] = /\) \S (\d+)/.exec(readIfThere(`/proc/${name}/stat`)) ?? [];
      return parent === undefined ? [] : [[Number(name), Number(parent)] as const];
    });
  const children = parents.filter(([, parent]) => parent === pid).map(([child]) => child);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function areGone(pids: readonly number[]): Promise<void> {
  for (const until = Date.now() + 10_000; ; await pause(50)) {
    // What nobody has collected yet has no command line any more.
    const alive = pids.map((pid) => readIfThere(`/proc/${pid}/cmdline`)).filter((line) => line !== '');
    if (alive.length === 0) return;
    if (Date.now() > until) throw new Error(`These still run:\n${alive.join('\n')}`);
  }
}

async function post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

const describeOnLinux = canStartServers() && existsSync('/proc/self/stat') ? describe : describe.skip;

describeOnLinux('npm run dev', () => {
  const name = `dev-${randomUUID().slice(0, 13)}`;
  const given = {
    KAFKA_BROKERS: kafkaBrokers()?.join(',') ?? '',
    KAFKA_PREFIX: `${name}.`,
    MONGO_URL: mongoUrl() ?? '',
    MONGO_DATABASE: name,
    MONGO_ALLOW_STANDALONE: 'true',
  };
  afterAll(() =>
    throwAway({ brokers: kafkaBrokers()!, mongoUrl: mongoUrl()!, database: name, prefix: given.KAFKA_PREFIX }),
  );

  it('opens a library with samples to rent from, starts again what dies, and leaves nothing after Ctrl-C', async () => {
    const port = await freePortsInARow(PORTS);
    const dev = new AtDesk(['--sample', '--port', String(port)], given);
    await dev.says(/The library is open at /);

    for (const [at, service] of SERVICES.entries()) {
      expect(dev.said).toMatch(new RegExp(`^\\S+ ${service} +Ready at http://127.0.0.1:${port + at + 1}$`, 'm'));
    }
    expect(dev.said).toContain('10 sample books and 4 sample members were added.');
    expect(dev.said.match(/^ {2}curl .*\/rentals /gm)).toHaveLength(3);
    const rented = await post(
      `http://127.0.0.1:${port}/rental-cards/jenny/rentals`,
      { memberName: '제니', item: { no: 1, title: '누구를 위하여 종을 울리나?' } },
      { Prefer: 'wait=20' },
    );
    expect(rented.status).toBe(201);

    const book = descendantsOf(dev.pid).find((pid) =>
      readIfThere(`/proc/${pid}/cmdline`).includes('book-service/dist'),
    )!;
    process.kill(book, 'SIGKILL');
    await dev.says(/book-service .*SIGKILL has ended it\. It is started again/);
    await dev.says(/ book-service +Ready at/, 2);

    const started = descendantsOf(dev.pid);
    expect(started.length).toBeGreaterThanOrEqual(SERVICES.length);
    dev.signal('SIGINT');
    expect(await dev.ended).toBe(0);
    await areGone(started);
    for (const unreadable of ['\u001b', '"level"']) expect(dev.said).not.toContain(unreadable);
    await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow('fetch failed');
  });

  it('brings its own servers where none are named, and leaves nothing when it is killed itself', async () => {
    const dev = new AtDesk(['--no-docker', '--port', '0'], {});
    await dev.says(/The library is open at /);
    expect(dev.said).toMatch(/Nothing is registered yet\. `npm run dev -- --sample`/);
    const started = descendantsOf(dev.pid);
    expect(started.filter((pid) => readIfThere(`/proc/${pid}/cmdline`).includes('java')).length).toBeGreaterThanOrEqual(
      2,
    );

    dev.signal('SIGKILL');
    await dev.ended;
    await areGone(started);
    for (const left of readdirSync(FOLDER)) rmSync(join(FOLDER, left), { recursive: true });
  });

  it('ends all of it at once when it is asked twice, also while it starts', async () => {
    const dev = new AtDesk(['--no-docker', '--port', '0'], {});
    await dev.says(/Starting Kafka/);
    await pause(1_500);
    const started = descendantsOf(dev.pid);
    dev.signal('SIGINT');
    await dev.says(/once more ends all of it at once/);
    dev.signal('SIGINT');

    expect(await dev.ended).toBe(1);
    await areGone(started);
    expect(readdirSync(FOLDER)).toEqual([]);
  });

  it('says which port is taken, and starts nothing', async () => {
    const port = await freePortsInARow(PORTS);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port + 2, '127.0.0.1', resolve));
    const dev = new AtDesk(['--port', String(port)], given);

    expect(await dev.ended).toBe(1);
    expect(dev.said).toContain(`error: book-service: Port ${port + 2} cannot be listened on: another program has it.`);
    expect(dev.said).not.toContain('Kafka and MongoDB are there');
    other.close();
  });

  it.each([[['--port', 'x']], [['--sampel']]])('explains itself when it is misunderstood: %j', async (args) => {
    const dev = new AtDesk(args, given);

    expect(await dev.ended).toBe(2);
    expect(dev.said).toContain('npm run dev -- [options]');
  });
});
