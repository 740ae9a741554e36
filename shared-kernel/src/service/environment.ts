import { z } from 'zod';
import { Calendar } from '../time/calendar';

const port = z.coerce.number().int().min(0).max(65_535);

/** A time zone of the IANA list. */
const zone = z.string().refine((name) => {
  try {
    return new Calendar(name).zone === name;
  } catch {
    return false;
  }
}, 'must be a time zone such as Asia/Seoul.');

/** What counts where nothing is set, for the program that reads it. */
export interface Defaults {
  readonly mode: 'embedded' | 'distributed';
  readonly port: number;
}

const WHOLE_LIBRARY: Defaults = { mode: 'embedded', port: 8080 };

const MECHANISMS = ['scram-sha-256', 'scram-sha-512'] as const;

/** Everything that can be set from outside: each with its default, and the sentence that explains it. */
function schemaOf({ mode, port: defaultPort }: Defaults) {
  return z.object({
    MODE: z
      .enum(['embedded', 'distributed'], 'must be "embedded" or "distributed".')
      .default(mode)
      .describe(
        'How the library runs: embedded, all four services in one process on local disk; or distributed, each service in processes of its own, on Apache Kafka and MongoDB.',
      ),
    DATA_DIR: z
      .string()
      .min(1)
      .default('./data')
      .describe('Embedded: the folder that holds everything the library knows.'),
    HTTP_HOST: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe('The address to listen on; 0.0.0.0 listens on all of them.'),
    HTTP_PORT: port
      .default(defaultPort)
      .describe(
        'The port to listen on. Embedded: that of the whole library, and the services get the four ports after it. 0 takes any free ones.',
      ),
    LIBRARY_ZONE: zone.default('Asia/Seoul').describe('The time zone whose days the library counts.'),
    LIBRARY_NOW: z
      .string()
      .optional()
      .describe(
        'Embedded, for demonstrations: the time it is for the library, as an RFC 3339 time or as a shift such as +15d, -3h or +20m.',
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
      .describe('Embedded: how many days messages are kept in the log; for ever when it is not set.'),
    KAFKA_BROKERS: z
      .string()
      .regex(/^[^\s:,]+:\d{1,5}(,[^\s:,]+:\d{1,5})*$/u, 'must name brokers as host:port, with commas between them.')
      .optional()
      .describe('Distributed: some of the Kafka brokers, as host:port,host:port; they name the others.'),
    KAFKA_REPLICAS: z.coerce
      .number()
      .int()
      .positive()
      .optional()
      .describe('Distributed: on how many brokers each message lies; as the brokers have it when it is not set.'),
    KAFKA_TLS: flag('Distributed: whether the brokers are spoken to over TLS.'),
    KAFKA_TLS_CA_FILE: z
      .string()
      .min(1)
      .optional()
      .describe('Distributed: a PEM file with the authority that has signed the brokers’ certificates.'),
    KAFKA_SASL_MECHANISM: z
      .enum(MECHANISMS, `must be ${MECHANISMS.join(' or ')}.`)
      .optional()
      .describe('Distributed: how the brokers are shown who we are, with KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.'),
    KAFKA_SASL_USERNAME: z.string().min(1).optional().describe('Distributed: our name at the brokers.'),
    KAFKA_SASL_PASSWORD: z.string().min(1).optional().describe('Distributed: our password at the brokers.'),
    MONGO_URL: z
      .string()
      .regex(/^mongodb(\+srv)?:\/\/[^\s]+$/u, 'must be an address such as mongodb://host:27017/?replicaSet=rs0.')
      .optional()
      .describe('Distributed: where MongoDB is, with user, password and TLS as its own addresses have them.'),
    MONGO_DATABASE: z
      .string()
      .regex(/^[\w-]{1,38}$/u, 'must be a short name of letters, digits, hyphens and underscores.')
      .default('library')
      .describe('Distributed: what the names of the services’ databases begin with.'),
    MONGO_ALLOW_STANDALONE: flag(
      'Distributed, for trying things out: whether a MongoDB without a replica set will do, which may lose what was acknowledged.',
    ),
  });
}

function flag(sentence: string) {
  return z
    .enum(['true', 'false'], 'must be true or false.')
    .default('false')
    .transform((value) => value === 'true')
    .describe(sentence);
}

export type Environment = z.output<ReturnType<typeof schemaOf>>;

/** The environment cannot be used; one line for each thing that is wrong. */
export class BadEnvironment extends Error {
  override readonly name = 'BadEnvironment';
}

/** Throws BadEnvironment. Variables that are set and empty count as not set. */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  defaults: Defaults = WHOLE_LIBRARY,
): Environment {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''));
  const read = schemaOf(defaults).safeParse(set);
  const lines = read.success
    ? contradictionsIn(read.data)
    : read.error.issues.map(({ path: [name], message }) => `${shown(String(name), set[String(name)])}: ${message}`);
  if (read.success && lines.length === 0) return read.data;
  throw new BadEnvironment(lines.join('\n'));
}

/** A sentence for each thing that does not go together. */
function contradictionsIn(environment: Environment): readonly string[] {
  if (environment.MODE === 'embedded') return [];
  const { KAFKA_BROKERS, MONGO_URL, LIBRARY_NOW, KAFKA_TLS, KAFKA_TLS_CA_FILE } = environment;
  const { KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD } = environment;
  const credentials = [KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD];
  const wrong: readonly (readonly [boolean, string])[] = [
    [KAFKA_BROKERS === undefined, 'KAFKA_BROKERS is not set: MODE=distributed needs brokers, such as localhost:9092.'],
    [
      MONGO_URL === undefined,
      'MONGO_URL is not set: MODE=distributed needs MongoDB, such as mongodb://localhost:27017/?replicaSet=rs0.',
    ],
    [LIBRARY_NOW !== undefined, 'LIBRARY_NOW is set: only an embedded library can be told what time it is.'],
    [
      credentials.some((one) => one === undefined) && credentials.some((one) => one !== undefined),
      'KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD are set together, or none of them is.',
    ],
    [
      KAFKA_TLS_CA_FILE !== undefined && !KAFKA_TLS,
      'KAFKA_TLS_CA_FILE is set, and KAFKA_TLS is not: set KAFKA_TLS=true, or leave the file out.',
    ],
  ];
  return wrong.filter(([isWrong]) => isWrong).map(([, sentence]) => sentence);
}

/** A value may hold a password. */
function shown(name: string, value: string | undefined): string {
  return /PASSWORD|URL/u.test(name) ? name : `${name}="${value ?? ''}"`;
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
  const schema = schemaOf(WHOLE_LIBRARY);
  const set = schema.parse({});
  return Object.entries(schema.shape).map(([name, variable]) => ({
    name,
    fallback: String(set[name as keyof Environment] ?? ''),
    sentence: variable.description ?? '',
  }));
}
