import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from '@library/system-tests/client';
import { bytesIn, LibraryProcess } from '@library/system-tests/library-process';
import { fsyncCostMs } from './fsync-cost';
import { load, prefill } from './load';
import type { Load, Outcome } from './load';

const USAGE = `npm run bench -- [--target embedded] [--clients 1,16,64,256] [--seconds 5] [--json FILE] [--folder PARENT]

Starts the library on an empty folder, fills it with members and books, lets so many clients rent and return for so many
seconds each, and counts a saga when it has COMPLETED, with everything that it wrote on disk. Afterwards every effect is checked.`;

const MEMBERS = 1_024;
const BOOKS = 5_120;
const WARM_UP_SECONDS = 3;

interface Run extends Load {
  readonly target: 'embedded';
  readonly system: 'library';
  readonly clients: number;
  readonly outcome: Outcome;
  /** The invariants held when all was over. */
  readonly verified: boolean;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', default: 'embedded' },
      clients: { type: 'string', default: '1,16,64,256' },
      seconds: { type: 'string', default: '5' },
      json: { type: 'string' },
      folder: { type: 'string', default: tmpdir() },
      help: { type: 'boolean', default: false },
    },
  });
  const clients = values.clients.split(',').map(Number);
  const seconds = Number(values.seconds);
  if (
    values.help ||
    values.target !== 'embedded' ||
    !(seconds > 0) ||
    clients.some((some) => !(Number.isInteger(some) && some > 0 && some <= MEMBERS))
  ) {
    console.error(USAGE);
    return 2;
  }

  const folder = mkdtempSync(join(values.folder, 'library-bench-'));
  try {
    const report = await measure(folder, clients, seconds);
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
    return report.runs.every(({ verified }) => verified) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(folder: string, clientCounts: readonly number[], seconds: number) {
  const fsyncMs = fsyncCostMs(folder);
  const [cpu] = cpus();
  const machine = {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  console.log(
    `${machine.cores} × ${machine.cpu}, Node ${machine.node}; one write of 4 kB made durable takes ${fsyncMs.toFixed(3)} ms here`,
  );

  await filled(folder);
  const before = bytesIn(folder);

  const library = await LibraryProcess.start(folder);
  console.log(`ready ${library.readyMs.toFixed(0)} ms after its start, ${library.memoryMb()?.toFixed(0) ?? '?'} MB\n`);
  console.log('outcome       clients    sagas/s     p50 ms     p99 ms      sagas   memory MB');

  const loads: Omit<Run, 'verified'>[] = [];
  let sagas = await warmUp(library.origin, seconds);
  for (const outcome of ['COMPLETED', 'COMPENSATED'] as const) {
    for (const clients of clientCounts) {
      const client = new Client(library.origin, clients);
      const run = await load(client, { clients, seconds, outcome, members: MEMBERS, books: BOOKS });
      client.close();
      sagas += run.sagas;
      loads.push({ ...run, target: 'embedded', system: 'library', clients, outcome });
      console.log(rowOf(outcome, clients, run, library.memoryMb()));
    }
  }

  const verified = await verify(library.origin);
  await library.stop();
  const bytesPerSaga = (bytesIn(folder) - before) / sagas;
  console.log(
    `\n${Math.round(bytesPerSaga)} bytes on disk per saga, message log, fences and archives included; the invariants ${verified ? 'hold' : 'DO NOT HOLD'}`,
  );

  return {
    machine,
    fsyncMs,
    bytesPerSaga,
    readyMs: library.readyMs,
    runs: loads.map((run): Run => ({ ...run, verified })),
  };
}

async function filled(folder: string): Promise<void> {
  const library = await LibraryProcess.start(folder);
  const client = new Client(library.origin, 64);
  await prefill(client, MEMBERS, BOOKS);
  client.close();
  await library.stop();
}

async function warmUp(origin: string, seconds: number): Promise<number> {
  const client = new Client(origin, 64);
  const { sagas } = await load(client, {
    clients: 64,
    seconds: Math.min(seconds, WARM_UP_SECONDS),
    outcome: 'COMPLETED',
    members: MEMBERS,
    books: BOOKS,
  });
  client.close();
  return sagas;
}

async function verify(origin: string): Promise<boolean> {
  const client = new Client(origin, 1);
  const { body } = await client.get('/ops/verify');
  client.close();
  const report = body as { ok: boolean; checks: readonly { id: string; offenders: readonly string[] }[] };
  for (const { id, offenders } of report.checks) for (const offender of offenders) console.error(`${id}: ${offender}`);
  return report.ok;
}

function rowOf(outcome: Outcome, clients: number, run: Load, memoryMb: number | undefined): string {
  const numbers = [
    clients,
    run.sagasPerSecond.toFixed(0),
    run.p50Ms.toFixed(2),
    run.p99Ms.toFixed(2),
    run.sagas,
    memoryMb?.toFixed(0) ?? '?',
  ];
  const unexpected = Object.entries(run.unexpected).map(([what, times]) => `  ${times} × ${what}`);
  return outcome.padEnd(11) + numbers.map((number) => String(number).padStart(11)).join('') + unexpected.join('');
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
