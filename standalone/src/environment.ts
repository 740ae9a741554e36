import { z } from 'zod';
import { Calendar } from '@library/shared-kernel/time/calendar';

const port = z.coerce.number().int().min(0).max(65_535);

/** A time zone of the IANA list. */
const zone = z.string().refine((name) => {
  try {
    return new Calendar(name).zone === name;
  } catch {
    return false;
  }
}, 'must be a time zone such as Asia/Seoul.');

/** Everything that can be set from outside: each with its default, and the sentence that explains it. */
const environmentSchema = z.object({
  MODE: z
    .enum(['embedded'], 'must be "embedded": all four services in one process, on local disk.')
    .default('embedded')
    .describe('How the library runs: embedded, all four services in one process.'),
  DATA_DIR: z.string().min(1).default('./data').describe('The folder that holds everything the library knows.'),
  HTTP_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('The address to listen on; 0.0.0.0 listens on all of them.'),
  HTTP_PORT: port
    .default(8080)
    .describe('The port of the whole library; the services get the four ports after it. 0 takes any free ones.'),
  LIBRARY_ZONE: zone.default('Asia/Seoul').describe('The time zone whose days the library counts.'),
  LIBRARY_NOW: z
    .string()
    .optional()
    .describe(
      'For demonstrations: the time it is for the library, as an RFC 3339 time or as a shift such as +15d, -3h or +20m.',
    ),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent.')
    .default('info')
    .describe('How much is logged.'),
  SHUTDOWN_BUDGET: z.coerce
    .number()
    .positive()
    .default(10)
    .describe('Seconds to finish what is in hand when asked to stop.'),
  RETENTION_DAYS: z.coerce
    .number()
    .positive()
    .optional()
    .describe('How many days messages are kept in the log; for ever when it is not set.'),
});

export type Environment = z.output<typeof environmentSchema>;

/** The environment cannot be used; one line for each thing that is wrong. */
export class BadEnvironment extends Error {
  override readonly name = 'BadEnvironment';
}

/** Throws BadEnvironment. Variables that are set and empty count as not set. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''));
  const read = environmentSchema.safeParse(set);
  if (read.success) return read.data;

  const lines = read.error.issues.map(
    ({ path: [name], message }) => `${String(name)}="${set[String(name)] ?? ''}": ${message}`,
  );
  throw new BadEnvironment(lines.join('\n'));
}

const SHIFT = /^([+-])(\d{1,6})([dhms])$/;
const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;

/** By how many milliseconds the library's time is ahead of the machine's. Throws BadEnvironment. */
export function shiftOf(libraryNow: string | undefined, now: number): number {
  if (libraryNow === undefined) return 0;

  const [, sign, amount, unit] = SHIFT.exec(libraryNow) ?? [];
  if (unit !== undefined) return (sign === '-' ? -1 : 1) * Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];

  const time = Date.parse(libraryNow);
  if (Number.isNaN(time)) {
    throw new BadEnvironment(
      `LIBRARY_NOW="${libraryNow}": must be an RFC 3339 time such as 2026-12-05T10:00:00+09:00, or a shift such as +15d, -3h, +20m or +30s.`,
    );
  }
  return time - now;
}

/** The variables there are, for people: name, default and sentence. */
export function describeEnvironment(): readonly {
  readonly name: string;
  readonly fallback: string;
  readonly sentence: string;
}[] {
  const set = environmentSchema.parse({});
  return Object.entries(environmentSchema.shape).map(([name, schema]) => ({
    name,
    fallback: String(set[name as keyof Environment] ?? ''),
    sentence: schema.description ?? '',
  }));
}
