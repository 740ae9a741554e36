import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PORTS, problemsIn, RULES } from './compose-rules';
import type { Compose, ComposeService } from './compose-rules';

const ROOT = join(__dirname, '..', '..');
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const compose = () => parse(textOf('docker-compose.yml'), { merge: true }) as Compose;

type Break = readonly [container: string, change: (service: ComposeService, compose: Compose) => void, said: string];

/** For each rule a change that breaks it, and what is then said. */
const BREAKS: Readonly<Record<keyof typeof RULES, readonly Break[]>> = {
  'is pinned or built here': [
    ['mongo', (one) => (one.image = 'mongo:latest'), 'mongo:latest may be another image tomorrow'],
    ['mongo', (one) => (one.image = 'mongo:8'), 'mongo:8 may be another image tomorrow'],
    ['kafka', (one) => delete one.image, 'undefined may be another image tomorrow'],
  ],
  'starts on any Linux': [['mongo', (one) => (one.image = 'mongo:8.0.32'), 'ends at once on Linux 6.19 to 7.0.13']],
  'is published to this machine only': [
    ['kafka', (one) => (one.ports = ['9092:9092']), 'port 9092:9092 is open to everybody'],
    ['mongo', (one) => (one.ports = ['0.0.0.0:27017:27017']), 'port 0.0.0.0:27017:27017 is open to everybody'],
  ],
  'has a port of its own': [
    ['kafka-ui', (one) => (one.ports = ['127.0.0.1:9092:8080']), 'port 127.0.0.1:9092:8080 is taken'],
  ],
  'says how it is': [['book-service', (one) => delete one.healthcheck, 'has no health check of its own']],
  'waits for what it needs': [
    ['book-service', (one) => (one.depends_on = {}), 'does not wait until mongo is healthy'],
    [
      'rental-service',
      (one) => (one.depends_on = { kafka: { condition: 'service_started' } }),
      'does not wait until kafka is healthy',
    ],
    ['kafka-ui', (one) => delete one.depends_on, 'does not wait until kafka is healthy'],
  ],
  'starts with everything, and without the services when only the infrastructure is asked for': [
    ['book-service', (one) => (one.profiles = ['library', 'infrastructure']), 'is in the profiles library,infra'],
    ['mongo', (one) => (one.profiles = ['library']), 'is in the profiles library'],
    ['kafka', (one) => delete one.profiles, 'is in the profiles undefined'],
  ],
  'comes back': [['member-service', (one) => delete one.restart, 'stays away when it has crashed']],
  'keeps what it knows in a named volume': [
    ['mongo', (one) => (one.volumes = []), 'forgets everything with its container'],
    ['kafka', (one) => (one.volumes = ['./data:/var/lib/kafka/data']), './data is no named volume'],
  ],
  'has no more rights than it needs': [
    ['kafka', (one) => (one.user = 'root'), 'runs with the rights of root'],
    ['book-service', (one) => (one.privileged = true), 'runs with the rights of root'],
    ['book-service', (one) => delete one.cap_drop, 'keeps capabilities'],
    ['book-service', (one) => delete one.security_opt, 'may gain privileges'],
  ],
  'is one of the services, on its own port': [
    ['book-service', (one) => (one.build = { args: { SERVICE: 'member-service' } }), 'is not book-service on 8082'],
    ['book-service', (one) => (one.environment!['HTTP_PORT'] = '8083'), 'is not book-service on 8082'],
    ['kafka', (one, { services }) => (services['redis'] = one), 'is unknown'],
  ],
  'has an environment that its program takes': [
    ['book-service', (one) => (one.environment!['KAFKA_BROKER'] = 'kafka:9092'), 'KAFKA_BROKER is no variable of ours'],
    ['book-service', (one) => (one.environment!['MODE'] = 'cloud'), 'must be "embedded" or "distributed".'],
    ['book-service', (one) => delete one.environment!['MONGO_URL'], 'MONGO_URL is not set'],
  ],
  'is given the time to stop': [
    ['book-service', (one) => delete one.stop_grace_period, 'is killed after 10s, and takes 10 s'],
  ],
  'holds no secret': [
    [
      'mongo',
      (one) => (one.environment = { MONGO_INITDB_ROOT_PASSWORD: 'x' }),
      'MONGO_INITDB_ROOT_PASSWORD looks like',
    ],
    [
      'book-service',
      (one) => (one.environment!['MONGO_URL'] = 'mongodb://a:b@mongo/'),
      'MONGO_URL looks like a secret',
    ],
  ],
  'lets nobody change a topic from a web page': [
    ['kafka-ui', (one) => delete one.environment!['KAFKA_CLUSTERS_0_READONLY'], 'can change topics'],
    ['kafka-ui', (one) => (one.environment!['DYNAMIC_CONFIG_ENABLED'] = 'true'), 'can change topics'],
  ],
  'is set up as `npm run infra` does it': [
    ['kafka', (one) => delete one.environment!['KAFKA_LOG_RETENTION_MS'], 'log.retention.ms is not -1'],
    [
      'kafka',
      (one) => (one.environment!['KAFKA_AUTO_CREATE_TOPICS_ENABLE'] = 'true'),
      'auto.create.topics.enable is not false',
    ],
  ],
};

describe('docker-compose.yml', () => {
  it('keeps every rule', () => {
    expect(problemsIn(compose())).toEqual([]);
  });

  it.each(Object.entries(BREAKS).flatMap(([rule, breaks]) => breaks.map((each) => [rule, ...each] as const)))(
    '%s: %s',
    (_rule, container, change, said) => {
      const broken = compose();
      change(broken.services[container]!, broken);

      expect(problemsIn(broken)).toContainEqual(expect.stringContaining(said));
    },
  );

  it('has every rule broken at least once above', () => {
    expect(Object.keys(BREAKS)).toEqual(Object.keys(RULES));
  });

  it('runs the four services and what they need, and nothing else', () => {
    expect(Object.keys(compose().services).toSorted()).toEqual(
      [...Object.keys(PORTS), 'kafka', 'kafka-ui', 'mongo'].toSorted(),
    );
  });

  it('starts all of it when nothing else is said', () => {
    const settings = textOf('.env')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));

    expect(settings).toEqual(['COMPOSE_PROFILES=library']);
  });

  it('leads from a service to the broker and to the replica set by the names that these have there', () => {
    const { kafka, mongo, 'book-service': book } = compose().services;
    const advertised = kafka?.environment?.['KAFKA_ADVERTISED_LISTENERS'];

    expect(advertised).toContain(`//${book?.environment?.['KAFKA_BROKERS']},`);
    expect(mongo?.healthcheck?.test.at(-1)).toContain(
      `host: '${/\/\/([^/]+)/.exec(book!.environment!['MONGO_URL']!)?.[1]}'`,
    );
  });
});

function asked(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('docker', ['compose', ...args], { cwd: ROOT, encoding: 'utf8' });
  return { status, stderr, said: stdout.split('\n').filter(Boolean).toSorted() };
}

const hasCompose = spawnSync('docker', ['compose', 'version']).status === 0;
if (!hasCompose) process.stderr.write('docker compose is not here: only the rules look at docker-compose.yml.\n');

(hasCompose ? describe : describe.skip)('docker compose', () => {
  it('takes the file, and starts all of it when nothing else is said', () => {
    const all = Object.keys(compose().services).toSorted();

    expect(asked('config', '--services')).toEqual({ status: 0, stderr: '', said: all });
  });

  it('leaves out the services in the profile of the infrastructure', () => {
    expect(asked('--profile', 'infrastructure', 'config', '--services')).toEqual({
      status: 0,
      stderr: '',
      said: ['kafka', 'kafka-ui', 'mongo'],
    });
  });
});
