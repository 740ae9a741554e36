import { z } from 'zod';
import { Calendar } from '../time/calendar';

const HIGHEST_PORT = 65_535;
/** Of an embedded library: one for each service, after its own. */
const PORTS_OF_SERVICES = 4;

const port = number(/^\d{1,5}$/u, (read) => read <= HIGHEST_PORT, 'must be a whole number from 0 to 65535.');
const amount = number(/^\d{1,9}(\.\d{1,9})?$/u, (read) => read > 0, 'must be a number above 0.');
const count = number(/^\d{1,4}$/u, (read) => read > 0, 'must be a whole number above 0.');

/** Written as people write numbers: no other base, no exponent, and nothing is none. */
function number(form: RegExp, isRight: (read: number) => boolean, sentence: string) {
  return z
    .string()
    .refine((text) => form.test(text) && isRight(Number(text)), sentence)
    .transform(Number);
}

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
    LIBRARY_ZONE: zone
      .default('Asia/Seoul')
      .describe('The time zone whose days the library counts. It is kept with the data, and cannot be changed later.'),
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
    SHUTDOWN_BUDGET: amount.default(10).describe('Seconds to finish what is in hand when asked to stop.'),
    RETENTION_DAYS: amount
      .optional()
      .describe('Embedded: how many days messages are kept in the log; for ever when it is not set.'),
    KAFKA_BROKERS: z
      .string()
      .refine(
        (list) => list.split(',').every((broker) => isBroker(broker)),
        'must name brokers as host:port, with commas between them.',
      )
      .optional()
      .describe('Distributed: some of the Kafka brokers, as host:port,host:port; they name the others.'),
    KAFKA_PREFIX: z
      .string()
      .regex(/^[\w.-]{0,60}$/u, 'must be short, of letters, digits, dots, hyphens and underscores.')
      .default('')
      .describe(
        'Distributed: what the names of all topics and groups begin with, where other libraries have the same brokers.',
      ),
    KAFKA_REPLICAS: count
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

function isBroker(text: string): boolean {
  const [, portOf] = /^[^\s:,]+:(\d{1,5})$/u.exec(text) ?? [];
  return portOf !== undefined && Number(portOf) <= HIGHEST_PORT;
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
  const schema = schemaOf(defaults);
  const read = schema.safeParse(set);
  const issues = (read.error?.issues ?? []).map(({ path: [name], message }) => ({ name: String(name), message }));
  const wrong = new Set(issues.map(({ name }) => name));
  const rest = schema.parse(Object.fromEntries(Object.entries(set).filter(([name]) => !wrong.has(name))));
  const lines = [
    ...issues.map(({ name, message }) => `${shown(name, set[name])}: ${message}`),
    ...(wrong.has('MODE') ? [] : contradictionsIn(rest, wrong)),
  ];
  if (lines.length === 0) return rest;
  throw new BadEnvironment(lines.join('\n'));
}

/** A sentence for each thing that does not go together. What is `wrong` by itself counts as set, and is told once. */
function contradictionsIn(environment: Environment, wrong: ReadonlySet<string>): readonly string[] {
  const { MODE, HTTP_PORT, LIBRARY_NOW, KAFKA_TLS, KAFKA_TLS_CA_FILE } = environment;
  const isSet = (name: keyof Environment) => environment[name] !== undefined || wrong.has(name);
  const login = (['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const).map(isSet);
  const isEmbedded = MODE === 'embedded';

  const all: readonly (readonly [boolean, string])[] = [
    [
      isEmbedded && HTTP_PORT > HIGHEST_PORT - PORTS_OF_SERVICES,
      `HTTP_PORT="${HTTP_PORT}": must leave room for the services, which get the four ports after it.`,
    ],
    [
      !isEmbedded && !isSet('KAFKA_BROKERS'),
      'KAFKA_BROKERS is not set: MODE=distributed needs brokers, such as localhost:9092.',
    ],
    [
      !isEmbedded && !isSet('MONGO_URL'),
      'MONGO_URL is not set: MODE=distributed needs MongoDB, such as mongodb://localhost:27017/?replicaSet=rs0.',
    ],
    [
      !isEmbedded && LIBRARY_NOW !== undefined,
      'LIBRARY_NOW is set: only an embedded library can be told what time it is.',
    ],
    [
      !isEmbedded && login.includes(true) && login.includes(false),
      'KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD are set together, or none of them is.',
    ],
    [
      !isEmbedded && KAFKA_TLS_CA_FILE !== undefined && !KAFKA_TLS && !wrong.has('KAFKA_TLS'),
      'KAFKA_TLS_CA_FILE is set, and KAFKA_TLS is not: set KAFKA_TLS=true, or leave the file out.',
    ],
  ];
  return all.filter(([isWrong]) => isWrong).map(([, sentence]) => sentence);
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

  const [, sign, many, unit] = SHIFT.exec(libraryNow) ?? [];
  if (unit !== undefined) return (sign === '-' ? -1 : 1) * Number(many) * UNIT_MS[unit as keyof typeof UNIT_MS];

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
