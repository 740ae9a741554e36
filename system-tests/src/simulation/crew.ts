import { Worker } from 'node:worker_threads';
import type { Asked } from './arguments';
import { runSeed } from './seed-run';
import type { SeedRun } from './seed-run';

/** What one thread of a crew is to do: every so many-th seed. */
export type Share = Pick<Asked, 'from' | 'seeds' | 'size' | 'faults' | 'calls' | 'threads'> & { readonly nth: number };

/**
 * Runs the seeds on several threads. Each simulation stays on one, so that it is the same on any. Rejects when a thread
 * ends with an exit code, or before it has done its share.
 */
export async function runSeeds(
  asked: Asked,
  ran: (run: SeedRun) => void,
  member: string | URL = require.resolve('./crew-member'),
): Promise<void> {
  const threads = Math.min(asked.threads, asked.seeds);
  if (threads <= 1) return runShare({ ...asked, threads: 1, nth: 0 }, ran);

  let runs = 0;
  await Promise.all(
    Array.from(
      { length: threads },
      (_, nth) =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(member, { workerData: { ...asked, threads, nth } satisfies Share });
          worker.on('message', (run: SeedRun) => {
            runs++;
            ran(run);
          });
          worker.on('error', reject);
          worker.on('exit', (code) => {
            if (code === 0) resolve();
            else reject(new Error(`A thread has ended with exit code ${code}.`));
          });
        }),
    ),
  );
  // A thread that waits for what never comes ends as if it were done.
  if (runs < asked.seeds) throw new Error(`Only ${runs} of ${asked.seeds} seeds were run.`);
}

export async function runShare(
  { from, seeds, threads, nth, ...asked }: Share,
  ran: (run: SeedRun) => void,
): Promise<void> {
  for (let seed = from + nth; seed < from + seeds; seed += threads) ran(await runSeed(seed, asked));
}
