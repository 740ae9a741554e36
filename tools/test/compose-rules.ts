import { brokerSettings } from '@library/infra/broker-settings';
import { BadEnvironment, describeEnvironment, readEnvironment } from '@library/shared-kernel/service/environment';

/** What these rules look at in a compose file, as YAML gives it. */
export interface Compose {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
}

export interface ComposeService {
  profiles?: string[];
  image?: string;
  build?: { args: { SERVICE: string } };
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  restart?: string;
  stop_grace_period?: string;
  privileged?: boolean;
  user?: string;
  cap_drop?: string[];
  security_opt?: string[];
}

/** Where each service answers, on this machine and in its container. */
export const PORTS: Readonly<Record<string, number>> = {
  'rental-service': 8081,
  'book-service': 8082,
  'member-service': 8083,
  'bestbook-service': 8084,
};

const INFRASTRUCTURE = ['kafka', 'mongo', 'kafka-ui'];

/** A full version, or a digest: what is pulled next year is what was pulled today. */
export const isPinned = (image: string): boolean =>
  /^[\w./-]+(:v?\d+\.\d+\.\d+(-[\w.-]+)?|(:[\w.-]+)?@sha256:[0-9a-f]{64})$/.test(image);

type Rule = (name: string, service: ComposeService, compose: Compose) => readonly string[] | string | undefined;

/** Each looks at one container, and says what is wrong with it. */
export const RULES: Readonly<Record<string, Rule>> = {
  'is pinned or built here': (_, { image, build }) =>
    build !== undefined || isPinned(image ?? '') ? undefined : `${image} may be another image tomorrow`,

  'starts on any Linux': (_, { image = '' }) =>
    image.startsWith('mongo:8.') ? `${image} ends at once on Linux 6.19 to 7.0.13` : undefined,

  'is published to this machine only': (_, { ports = [] }) =>
    ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port)).map((port) => `port ${port} is open to everybody`),

  'has a port of its own': (name, { ports = [] }, { services }) => {
    const others = Object.entries(services).filter(([other]) => other !== name);
    const taken = others.flatMap(([, other]) => (other.ports ?? []).map(hostPort));
    return ports.filter((port) => taken.includes(hostPort(port))).map((port) => `port ${port} is taken`);
  },

  'says how it is': (_, { healthcheck }) =>
    healthcheck?.test[0] === 'CMD' && healthcheck.test.length > 1 ? undefined : 'has no health check of its own',

  'waits for what it needs': (name, { depends_on = {} }) => {
    const needed = name === 'kafka-ui' ? ['kafka'] : isOurs(name) ? ['kafka', 'mongo'] : [];
    return needed
      .filter((other) => depends_on[other]?.condition !== 'service_healthy')
      .map((other) => `does not wait until ${other} is healthy`);
  },

  'starts with everything, and without the services when only the infrastructure is asked for': (
    name,
    { profiles },
  ) => {
    const right = isOurs(name) ? ['library'] : ['library', 'infrastructure'];
    return profiles?.join() === right.join() ? undefined : `is in the profiles ${profiles?.join()}`;
  },

  'comes back': (_, { restart }) => (restart === 'unless-stopped' ? undefined : 'stays away when it has crashed'),

  'keeps what it knows in a named volume': (name, { volumes = [] }, compose) => {
    const kept = volumes.map((volume) => volume.split(':')[0] ?? '');
    if ((name === 'kafka' || name === 'mongo') && kept.length === 0) return 'forgets everything with its container';
    return kept.filter((volume) => !(volume in compose.volumes)).map((volume) => `${volume} is no named volume`);
  },

  'has no more rights than it needs': (name, service) => [
    ...(service.privileged || service.user === 'root' || service.user === '0' ? ['runs with the rights of root'] : []),
    ...(!isOurs(name) || service.cap_drop?.includes('ALL') ? [] : ['keeps capabilities']),
    ...(!isOurs(name) || service.security_opt?.includes('no-new-privileges:true') ? [] : ['may gain privileges']),
  ],

  'is one of the services, on its own port': (name, { build, environment = {}, ports = [] }) => {
    if (!isOurs(name)) return INFRASTRUCTURE.includes(name) ? undefined : 'is unknown';
    const port = PORTS[name];
    const isRight =
      build?.args.SERVICE === name &&
      environment['HTTP_PORT'] === `${port}` &&
      ports.join(' ') === `127.0.0.1:${port}:${port}`;
    return isRight ? undefined : `is not ${name} on ${port}`;
  },

  'has an environment that its program takes': (name, { environment = {} }) => {
    if (!isOurs(name)) return undefined;
    const known = describeEnvironment().map((variable) => variable.name);
    const unknown = Object.keys(environment).filter((variable) => !known.includes(variable));
    try {
      readEnvironment(withDefaults(environment), { mode: 'distributed', port: 0 });
    } catch (error) {
      if (!(error instanceof BadEnvironment)) throw error;
      return [...unknown, error.message];
    }
    return unknown.map((variable) => `${variable} is no variable of ours`);
  },

  'is given the time to stop': (name, { environment = {}, stop_grace_period: grace = '10s' }) =>
    !isOurs(name) || parseInt(grace, 10) > Number(environment['SHUTDOWN_BUDGET'])
      ? undefined
      : `is killed after ${grace}, and takes ${environment['SHUTDOWN_BUDGET']} s`,

  'holds no secret': (_, { environment = {} }) =>
    Object.entries(environment)
      .filter(([name, value]) => /PASSWORD|SECRET|TOKEN/i.test(name) || /:\/\/[^/]*@/.test(value))
      .map(([name]) => `${name} looks like a secret`),

  'lets nobody change a topic from a web page': (name, { environment = {} }) => {
    if (name !== 'kafka-ui') return undefined;
    const isReadOnly = environment['KAFKA_CLUSTERS_0_READONLY'] === 'true';
    const isFixed = environment['DYNAMIC_CONFIG_ENABLED'] === 'false';
    return isReadOnly && isFixed ? undefined : 'can change topics, or where it looks for them';
  },

  'is set up as `npm run infra` does it': (name, { environment = {} }) => {
    if (name !== 'kafka') return undefined;
    return Object.entries(developmentSettings())
      .filter(([key]) => !DIFFERS_IN_A_CONTAINER.test(key))
      .filter(([key, value]) => environment[`KAFKA_${key.toUpperCase().replaceAll('.', '_')}`] !== value)
      .map(([key, value]) => `${key} is not ${value}`);
  },
};

/** Where it is reached and keeps its data, and what makes it small and quick to fail for tests. */
const DIFFERS_IN_A_CONTAINER =
  /listener|quorum|^log\.dirs$|heartbeat|session\.timeout|num\.|dedupe|metadata\.max\.idle|^broker\./;

function developmentSettings(): Readonly<Record<string, string>> {
  const node = { id: 1, port: 1, advertisedPort: 1, internalPort: 2, controllerPort: 3 };
  const lines = brokerSettings(node, [node], '/data').trim().split('\n');
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** `container: what is wrong`, for every rule that a container breaks. */
export function problemsIn(compose: Compose): readonly string[] {
  return Object.entries(compose.services).flatMap(([name, service]) =>
    Object.values(RULES).flatMap((rule) => [rule(name, service, compose) ?? []].flat().map((why) => `${name}: ${why}`)),
  );
}

/** As compose fills them in when nothing is set around it. */
function withDefaults(environment: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(environment);
  return Object.fromEntries(entries.map(([name, value]) => [name, value.replace(/\$\{\w+:-([^}]*)\}/g, '$1')]));
}

const isOurs = (name: string) => name.endsWith('-service');
const hostPort = (port: string) => port.split(':').at(-2);
