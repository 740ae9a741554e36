import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brokerSettings } from './broker-settings';
import type { Node } from './broker-settings';
import { InfraFailure } from './infra-failure';
import { classPath } from './jars';
import { livingBrokers } from './living-brokers';
import { DATA } from './local-folder';
import { assertFree, freePorts, LOCALHOST } from './ports';
import { runJava, ServerProcess } from './server-process';
import type { Running } from './server-process';
import { TcpProxy } from './tcp-proxy';

/** A proxy never outlives this process. */
export interface KafkaOptions extends Running {
  /** Where the brokers keep their logs. What is there already is kept and used. */
  readonly folder?: string;
  /** Left out: as many as the folder has, or one. */
  readonly brokers?: 1 | 3;
  /** The first broker's; the next ones take the next ports. 0, which is the default, takes any free ones. */
  readonly port?: number;
  /** Clients reach each broker through a proxy of its own; brokers reach each other directly. */
  readonly proxied?: boolean;
}

/** What a folder says about the cluster in it. */
interface Cluster {
  readonly id: string;
  readonly nodes: readonly Node[];
}

/** One of the brokers, which can be broken on purpose. */
export class KafkaNode {
  readonly server: ServerProcess;
  readonly address: string;

  constructor(
    private readonly node: Node,
    private readonly cluster: Cluster,
    folder: string,
    private readonly running: Running,
    private readonly ownProxy: TcpProxy | undefined,
  ) {
    this.server = new ServerProcess(`kafka-${node.id}`, join(folder, `kafka-${node.id}`));
    this.address = `${LOCALHOST}:${node.advertisedPort}`;
  }

  /** Throws unless the cluster was started with `proxied`. */
  get proxy(): TcpProxy {
    if (this.ownProxy === undefined) throw new Error('There is no proxy: start this cluster with `proxied: true`.');
    return this.ownProxy;
  }

  kill(): Promise<void> {
    return this.server.kill();
  }

  /** On the same data and ports; resolves when it takes part again. Everything acknowledged before is there. */
  async restart(): Promise<void> {
    await this.begin();
    await this.takesPart([this.node.id]);
  }

  pause(): Promise<void> {
    return this.server.pause();
  }

  resume(): Promise<void> {
    return this.server.resume();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  /** Starts the process, and does not wait until it takes part. */
  async begin(): Promise<void> {
    const jars = await classPath();
    const { folder } = this.server;
    const [settings, data, formatted] = ['server.properties', 'data', 'formatted'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    mkdirSync(folder, { recursive: true });
    writeFileSync(settings, brokerSettings(this.node, this.cluster.nodes, data));
    if (!existsSync(formatted)) {
      // Nothing was ever kept here, or formatting broke off halfway.
      rmSync(data, { recursive: true, force: true });
      await runJava(['-cp', jars, 'kafka.tools.StorageTool', 'format', '-t', this.cluster.id, '-c', settings]);
      writeFileSync(formatted, '');
    }
    const heap = this.cluster.nodes.length === 1 ? '-Xmx512m' : '-Xmx320m';
    await this.server.start([heap, '-cp', jars, 'kafka.Kafka', settings], this.running);
  }

  /** Resolves when this broker holds all these to be alive. */
  async takesPart(ids: readonly number[]): Promise<void> {
    await this.server.ready(async () => {
      const living = await livingBrokers(LOCALHOST, this.node.port);
      return ids.every((id) => living.includes(id));
    });
  }
}

/** Apache Kafka from its jars: one broker, or three. */
export class Kafka {
  private constructor(
    readonly nodes: readonly KafkaNode[],
    private readonly proxies: readonly TcpProxy[],
  ) {}

  /** Resolves when every broker answers and holds all the others to be alive. Stops what it has started when it rejects. */
  static async start(options: KafkaOptions = {}): Promise<Kafka> {
    const { folder = DATA, port = 0, proxied = false } = options;
    const cluster = await planned(folder, options.brokers, port, proxied);
    const proxies: TcpProxy[] = [];
    const nodes: KafkaNode[] = [];
    const kafka = new Kafka(nodes, proxies);
    try {
      for (const node of cluster.nodes) {
        if (proxied) proxies.push(await TcpProxy.to(LOCALHOST, node.port, { port: node.advertisedPort }));
        nodes.push(new KafkaNode(node, cluster, resolve(folder), options, proxies.at(-1)));
      }
      const ids = cluster.nodes.map(({ id }) => id);
      await Promise.all(nodes.map((node) => node.begin()));
      await Promise.all(nodes.map((node) => node.takesPart(ids)));
      return kafka;
    } catch (error) {
      await kafka.stop();
      throw error;
    }
  }

  /** What was last started in this folder, whether it runs or not; undefined when nothing ever was. */
  static recorded(folder: string): Kafka | undefined {
    const cluster = read(folder);
    if (cluster === undefined) return undefined;
    return new Kafka(
      cluster.nodes.map((node) => new KafkaNode(node, cluster, resolve(folder), { stays: true }, undefined)),
      [],
    );
  }

  /** The addresses for clients, as in `KAFKA_BROKERS`. */
  get brokers(): string[] {
    return this.nodes.map(({ address }) => address);
  }

  /** Counted from 1, as brokers are. */
  node(id: number): KafkaNode {
    const node = this.nodes[id - 1];
    if (node === undefined) throw new Error(`There is no broker ${id}: this cluster has ${this.nodes.length}.`);
    return node;
  }

  /** Ends all brokers, killed and paused ones included, and the proxies. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
  }
}

async function planned(folder: string, asked: number | undefined, port: number, proxied: boolean): Promise<Cluster> {
  const known = read(folder);
  const brokers = asked ?? known?.nodes.length ?? 1;
  if (known !== undefined && known.nodes.length !== brokers) {
    throw new InfraFailure(
      `${folder} holds a cluster of ${known.nodes.length}, and ${brokers} were asked for; a cluster's size is settled when it is made. Choose another folder, or delete this one.`,
    );
  }
  const running = Kafka.recorded(folder)?.nodes.find(({ server }) => server.state !== 'stopped');
  if (running !== undefined) {
    throw new InfraFailure(
      `${running.server.name} runs already in ${folder}: stop it first, or choose another folder.`,
    );
  }

  const free = await freePorts(4 * brokers);
  const nodes = Array.from({ length: brokers }, (_, at): Node => {
    const [own = 0, behindProxy = 0, internalPort = 0, controllerPort = 0] = free.slice(4 * at);
    const advertisedPort = port === 0 ? own : port + at;
    return { id: at + 1, port: proxied ? behindProxy : advertisedPort, advertisedPort, internalPort, controllerPort };
  });
  for (const { advertisedPort } of nodes) await assertFree(advertisedPort);

  const cluster: Cluster = { id: known?.id ?? clusterId(), nodes };
  mkdirSync(folder, { recursive: true });
  writeFileSync(record(folder), JSON.stringify(cluster, undefined, 2));
  return cluster;
}

/** Never begins with a dash, which `StorageTool` would take for an option. */
function clusterId(): string {
  return randomBytes(16).toString('base64url').replace(/^-/, 'A');
}

function read(folder: string): Cluster | undefined {
  return existsSync(record(folder)) ? (JSON.parse(readFileSync(record(folder), 'utf8')) as Cluster) : undefined;
}

function record(folder: string): string {
  return join(folder, 'kafka.json');
}
