import { z } from 'zod';
import type { Clock } from '../time/clock';
import { problem } from './problem';
import { route, type Route } from './routes';

/** Answers `ok`, or the sentence that says what is wrong. */
export type HealthCheck = () => string | Promise<string>;
export type HealthChecks = Readonly<Record<string, HealthCheck>>;

const SLOWEST_CHECK_MS = 2_000;

/** `/health/live`: the process runs. `/health/ready`: it can do its work, as every check says; asked anew each time. */
export function healthRoutes(checks: HealthChecks, clock: Clock): Route[] {
  return [
    route({
      method: 'GET',
      path: '/health/live',
      summary: 'Whether the process runs',
      answers: { 200: { description: 'It does.', schema: z.object({ status: z.literal('live') }) } },
      handle: () => ({ status: 200, body: { status: 'live' } }),
    }),
    route({
      method: 'GET',
      path: '/health/ready',
      summary: 'Whether it can do its work',
      answers: {
        200: {
          description: 'It can.',
          schema: z.object({ status: z.literal('ready'), checks: z.record(z.string(), z.string()) }),
        },
      },
      problems: ['not-ready'],
      handle: async () => {
        const results = await Promise.all(Object.values(checks).map((check) => resultOf(check, clock)));
        const said = Object.fromEntries(Object.keys(checks).map((name, index) => [name, results[index] ?? '']));
        const wrong = Object.entries(said).filter(([, result]) => result !== 'ok');
        if (wrong.length === 0) return { status: 200, body: { status: 'ready', checks: said } };

        const detail = wrong.map(([name, result]) => `${name}: ${result}`).join(' ');
        return problem('not-ready', { detail, checks: said });
      },
    }),
  ];
}

/** Never rejects, and never takes longer than its time. */
function resultOf(check: HealthCheck, clock: Clock): Promise<string> {
  return new Promise((resolve) => {
    const inTime = clock.after(SLOWEST_CHECK_MS, () => resolve(`No answer within ${SLOWEST_CHECK_MS / 1_000} s.`));
    void saidBy(check).then(resolve).finally(inTime);
  });
}

async function saidBy(check: HealthCheck): Promise<string> {
  try {
    return await check();
  } catch {
    // What it threw may name hosts or users, and is for the log of whoever wrote the check.
    return 'The check itself failed.';
  }
}
