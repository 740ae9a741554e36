import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from '../client';
import { LibraryProcess } from '../library-process';
import { Desk } from './desk';
import type { Acknowledged } from './desk';

const USAGE = `npm run kill-test -- [--kills 50] [--desks 24] [--keep]

Lets desks rent and take back without pause, kills the process with SIGKILL again and again, starts it on what it has left,
and in the end expects that everything that was acknowledged is there, that every saga has ended, and that every invariant holds.`;

const MEMBERS = 60;
const BOOKS = 120;
/** How long sagas may take to end when nothing is killed any more. */
const SETTLED_WITHIN_MS = 60_000;

interface Found {
  readonly held: number;
  readonly broken: readonly string[];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '50' },
      desks: { type: 'string', default: '24' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [kills, desks] = [Number(values.kills), Number(values.desks)];
  if (values.help || !(kills > 0) || !(desks > 0)) {
    console.error(USAGE);
    return 2;
  }

  const folder = mkdtempSync(join(tmpdir(), 'library-kills-'));
  const { held, broken } = await killAgainAndAgain(folder, kills, desks);
  for (const sentence of broken.slice(0, 20)) console.error(sentence);
  if (values.keep || broken.length > 0) console.log(`The data folder is kept: ${folder}`);
  else rmSync(folder, { recursive: true });
  console.log(`kill-test: ${held} passed, ${broken.length} failed`);
  return broken.length === 0 ? 0 : 1;
}

async function killAgainAndAgain(folder: string, kills: number, many: number): Promise<Found> {
  const port = await freePorts();
  let library = await LibraryProcess.start(folder, port);
  const client = new Client(library.origin, many);
  await prefill(client);

  const desks = Array.from({ length: many }, () => new Desk(client, { members: MEMBERS, books: BOOKS }));
  const working = Promise.all(desks.map((desk) => desk.work()));
  for (let kill = 1; kill <= kills; kill++) {
    await pause(Math.random() * 800);
    await library.kill();
    library = await LibraryProcess.start(folder, port);
    const acknowledged = desks.reduce((sum, desk) => sum + desk.acknowledged.size, 0);
    console.log(
      `kill ${String(kill).padStart(3)}: back after ${library.readyMs.toFixed(0)} ms, ${acknowledged} sagas acknowledged so far`,
    );
  }
  for (const desk of desks) desk.stop();
  await working;

  const found = await judge(client, desks);
  client.close();
  const code = await library.stop();
  return code === 0
    ? found
    : { ...found, broken: [...found.broken, `Asked to stop, the process ended with code ${code}.`] };
}

async function judge(client: Client, desks: readonly Desk[]): Promise<Found> {
  const unsettled = await settled(client);
  const acknowledged = desks.flatMap((desk) => [...desk.acknowledged.values()]);
  const lost = (await Promise.all(acknowledged.map((one) => contradicted(client, one)))).filter(
    (sentence) => sentence !== undefined,
  );
  const { body } = await client.get('/ops/verify');
  const { checks } = body as { checks: readonly { id: string; title: string; offenders: readonly string[] }[] };
  const violated = checks.flatMap(({ id, offenders }) => offenders.map((offender) => `${id}: ${offender}`));
  const contradictions = desks.flatMap((desk) => desk.contradictions);

  const retries = desks.reduce((sum, desk) => sum + desk.retries, 0);
  console.log(
    `${acknowledged.length} acknowledged sagas and ${checks.length} invariants were looked at; requests were asked again ${retries} times`,
  );
  const broken = [...unsettled, ...lost, ...contradictions, ...violated];
  return {
    held: acknowledged.length - lost.length + checks.filter(({ offenders }) => offenders.length === 0).length,
    broken,
  };
}

/** Waits until no saga is in flight; answers with those that still are when the time is up. */
async function settled(client: Client): Promise<readonly string[]> {
  const until = Date.now() + SETTLED_WITHIN_MS;
  for (;;) {
    const pages = await Promise.all(
      ['RUNNING', 'CONFIRMING', 'COMPENSATING'].map((status) => client.get(`/sagas?status=${status}&limit=100`)),
    );
    const flying = pages.flatMap(({ body }) => (body as { items: readonly { id: string; status: string }[] }).items);
    if (flying.length === 0) return [];
    if (Date.now() > until)
      return flying.map(
        ({ id, status }) => `G4: saga ${id} is still ${status} ${SETTLED_WITHIN_MS / 1_000} s after the last kill.`,
      );
    await pause(200);
  }
}

/** Why the library contradicts what it has acknowledged; undefined when it stands by it. */
async function contradicted(client: Client, { saga, ended }: Acknowledged): Promise<string | undefined> {
  const { status, body } = await client.get(`/sagas/${saga}`);
  if (status !== 200) return `The acknowledged saga ${saga} is lost: ${status}.`;
  const now = (body as { status: string }).status;
  if (now !== 'COMPLETED' && now !== 'COMPENSATED') return `The acknowledged saga ${saga} is ${now}.`;
  return ended === undefined || ended === now ? undefined : `Saga ${saga} was answered as ${ended}, and is ${now}.`;
}

async function prefill(client: Client): Promise<void> {
  for (let at = 1; at <= MEMBERS; at++)
    await client.post('/members', { id: `m${at}`, name: `m${at}`, email: `m${at}@example.org` });
  for (let at = 1; at <= BOOKS; at++)
    await client.post('/books', {
      title: `책 ${at}`,
      author: '저자',
      isbn: '9788970849782',
      classification: 'ARTS',
      source: 'DONATION',
      location: 'PANGYO',
    });
}

/** The first of five ports in a row that were free a moment ago. */
async function freePorts(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port > 65_000 ? freePorts() : port;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
