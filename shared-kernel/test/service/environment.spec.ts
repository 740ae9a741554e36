import { BadEnvironment, describeEnvironment, readEnvironment, shiftOf } from '../../src/service/environment';
import type { Environment } from '../../src/service/environment';

type Variables = Readonly<Record<string, string | undefined>>;

const SERVERS = { KAFKA_BROKERS: 'kafka-1:9092,kafka-2:9092', MONGO_URL: 'mongodb://db:27017/?replicaSet=rs0' };
const DISTRIBUTED = { ...SERVERS, MODE: 'distributed' };

/** What is said about it, line by line. */
function complaintsAbout(variables: Variables, defaults?: Parameters<typeof readEnvironment>[1]): readonly string[] {
  try {
    readEnvironment(variables, defaults);
  } catch (error) {
    if (error instanceof BadEnvironment) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('The environment', () => {
  it('is an embedded library on this machine when nothing is set, or only set to nothing', () => {
    const expected = { MODE: 'embedded', DATA_DIR: './data', HTTP_HOST: '127.0.0.1', HTTP_PORT: 8080 };

    expect(readEnvironment({})).toMatchObject(expected);
    expect(readEnvironment({ MODE: '', HTTP_PORT: '', KAFKA_BROKERS: '', LIBRARY_NOW: '' })).toEqual(
      readEnvironment({}),
    );
  });

  it('is a service on Kafka and MongoDB where a service reads it, on that service’s port', () => {
    const service = { mode: 'distributed', port: 8083 } as const;

    expect(readEnvironment(SERVERS, service)).toMatchObject({ ...SERVERS, MODE: 'distributed', HTTP_PORT: 8083 });
    expect(readEnvironment({ ...SERVERS, HTTP_PORT: '9000' }, service).HTTP_PORT).toBe(9_000);
  });

  it('leaves alone what nobody here knows', () => {
    expect(readEnvironment({ PATH: '/bin', LIBRARY_COLOUR: 'red' })).toEqual(readEnvironment({}));
  });

  it('lets an embedded library be, whatever is set for a distributed one', () => {
    expect(readEnvironment({ ...SERVERS, KAFKA_SASL_USERNAME: 'library', LIBRARY_NOW: '+15d' })).toMatchObject({
      MODE: 'embedded',
      LIBRARY_NOW: '+15d',
    });
  });

  it.each<[Variables, string]>([
    [{ MODE: 'clustered' }, 'MODE="clustered": must be "embedded" or "distributed".'],
    [{ HTTP_PORT: 'http' }, 'HTTP_PORT="http": must be a whole number from 0 to 65535.'],
    [{ HTTP_PORT: '0x50' }, 'HTTP_PORT="0x50": must be a whole number from 0 to 65535.'],
    [{ HTTP_PORT: '65536' }, 'HTTP_PORT="65536": must be a whole number from 0 to 65535.'],
    [{ HTTP_PORT: '65532' }, 'HTTP_PORT="65532": must leave room for the services, which get the four ports after it.'],
    [{ LIBRARY_ZONE: 'Seoul' }, 'LIBRARY_ZONE="Seoul": must be a time zone such as Asia/Seoul.'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL="loud": must be debug, info, warn, error or silent.'],
    [{ SHUTDOWN_BUDGET: '0' }, 'SHUTDOWN_BUDGET="0": must be a number above 0.'],
    [{ SHUTDOWN_BUDGET: '10s' }, 'SHUTDOWN_BUDGET="10s": must be a number above 0.'],
    [{ RETENTION_DAYS: '-1' }, 'RETENTION_DAYS="-1": must be a number above 0.'],
    [
      { KAFKA_BROKERS: 'localhost' },
      'KAFKA_BROKERS="localhost": must name brokers as host:port, with commas between them.',
    ],
    [
      { KAFKA_BROKERS: 'a:1,,b:2' },
      'KAFKA_BROKERS="a:1,,b:2": must name brokers as host:port, with commas between them.',
    ],
    [
      { KAFKA_BROKERS: 'a:70000' },
      'KAFKA_BROKERS="a:70000": must name brokers as host:port, with commas between them.',
    ],
    [{ KAFKA_REPLICAS: '1.5' }, 'KAFKA_REPLICAS="1.5": must be a whole number above 0.'],
    [{ KAFKA_TLS: 'yes' }, 'KAFKA_TLS="yes": must be true or false.'],
    [{ KAFKA_SASL_MECHANISM: 'plain' }, 'KAFKA_SASL_MECHANISM="plain": must be scram-sha-256 or scram-sha-512.'],
    [
      { MONGO_DATABASE: 'my library' },
      'MONGO_DATABASE="my library": must be a short name of letters, digits, hyphens and underscores.',
    ],
  ])('says what is wrong with %j', (variables, complaint) => {
    expect(complaintsAbout(variables)).toEqual([complaint]);
  });

  it.each<[string, Variables, string]>([
    [
      'without brokers',
      { KAFKA_BROKERS: undefined },
      'KAFKA_BROKERS is not set: MODE=distributed needs brokers, such as localhost:9092.',
    ],
    [
      'without a database',
      { MONGO_URL: '' },
      'MONGO_URL is not set: MODE=distributed needs MongoDB, such as mongodb://localhost:27017/?replicaSet=rs0.',
    ],
    [
      'in another time',
      { LIBRARY_NOW: '+15d' },
      'LIBRARY_NOW is set: only an embedded library can be told what time it is.',
    ],
    [
      'with half a login',
      { KAFKA_SASL_USERNAME: 'library', KAFKA_SASL_MECHANISM: 'scram-sha-512' },
      'KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD are set together, or none of them is.',
    ],
    [
      'with an authority for nothing',
      { KAFKA_TLS_CA_FILE: '/etc/ca.pem' },
      'KAFKA_TLS_CA_FILE is set, and KAFKA_TLS is not: set KAFKA_TLS=true, or leave the file out.',
    ],
  ])('refuses a distributed library %s', (_, variables, complaint) => {
    expect(complaintsAbout({ ...DISTRIBUTED, ...variables })).toEqual([complaint]);
  });

  it('takes a login and TLS for both servers', () => {
    const variables = {
      KAFKA_TLS: 'true',
      KAFKA_TLS_CA_FILE: '/etc/ca.pem',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'library',
      KAFKA_SASL_PASSWORD: 'se:cr,et',
      MONGO_URL: 'mongodb+srv://library:s%40cret@db.example.org/?tls=true&authSource=admin',
    };

    expect(readEnvironment({ ...DISTRIBUTED, ...variables })).toMatchObject({ ...variables, KAFKA_TLS: true });
  });

  it('says all that is wrong at once, each thing once', () => {
    const complaints = complaintsAbout({
      MODE: 'distributed',
      HTTP_PORT: 'x',
      KAFKA_BROKERS: 'nowhere',
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_TLS_CA_FILE: '/etc/ca.pem',
    });

    expect(complaints.map((complaint) => complaint.split(/[ =]/)[0])).toEqual([
      'HTTP_PORT',
      'KAFKA_BROKERS',
      'KAFKA_SASL_MECHANISM',
      'MONGO_URL',
      'KAFKA_SASL_MECHANISM,',
      'KAFKA_TLS_CA_FILE',
    ]);
  });

  it('does not guess what a library of no known mode lacks', () => {
    expect(complaintsAbout({ MODE: 'both' })).toHaveLength(1);
  });

  it('shows nobody a password, nor an address that may hold one', () => {
    const complaints = complaintsAbout({
      ...DISTRIBUTED,
      MONGO_URL: 'postgres://library:s3cret@db',
      KAFKA_SASL_PASSWORD: 's3cret',
      KAFKA_SASL_MECHANISM: 'plain',
    });

    expect(complaints).toEqual([
      'KAFKA_SASL_MECHANISM="plain": must be scram-sha-256 or scram-sha-512.',
      'MONGO_URL: must be an address such as mongodb://host:27017/?replicaSet=rs0.',
      expect.stringMatching(/set together/),
    ]);
  });

  it('is described for people, each variable with a sentence and what counts without it', () => {
    const described = describeEnvironment();

    expect(described.filter(({ sentence }) => !/^[A-Z].*\.$/.test(sentence))).toEqual([]);
    expect(described.map(({ name }) => name)).toEqual(Object.keys(readEnvironmentWithEverything()));
    expect(described.find(({ name }) => name === 'HTTP_PORT')).toMatchObject({ fallback: '8080' });
    expect(described.find(({ name }) => name === 'MONGO_URL')).toMatchObject({ fallback: '' });
  });
});

/** Every variable set to something. */
function readEnvironmentWithEverything(): Environment {
  const set = Object.fromEntries(describeEnvironment().map(({ name, fallback }) => [name, fallback]));
  return readEnvironment({
    ...set,
    LIBRARY_NOW: '+1d',
    RETENTION_DAYS: '1',
    KAFKA_BROKERS: 'a:1',
    KAFKA_REPLICAS: '1',
    KAFKA_TLS_CA_FILE: 'ca',
    KAFKA_SASL_MECHANISM: 'scram-sha-256',
    KAFKA_SASL_USERNAME: 'u',
    KAFKA_SASL_PASSWORD: 'p',
    MONGO_URL: 'mongodb://a',
  });
}

describe('The time it is for the library', () => {
  const now = Date.parse('2026-12-05T10:00:00+09:00');

  it.each([
    [undefined, 0],
    ['+15d', 15 * 86_400_000],
    ['-3h', -3 * 3_600_000],
    ['+20m', 20 * 60_000],
    ['-30s', -30_000],
    ['2026-12-05T11:00:00+09:00', 3_600_000],
  ])('%s is so far from now: %d ms', (libraryNow, shift) => {
    expect(shiftOf(libraryNow, now)).toBe(shift);
  });

  it.each(['tomorrow', '15d', '+15w', '+1.5d'])('is not told by %s', (libraryNow) => {
    expect(() => shiftOf(libraryNow, now)).toThrow(BadEnvironment);
    expect(() => shiftOf(libraryNow, now)).toThrow(`LIBRARY_NOW="${libraryNow}": must be an RFC 3339 time such as`);
  });
});
