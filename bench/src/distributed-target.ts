import { requireServers } from '@library/infra/required-servers';
import { SERVICES, whoAnswers } from '@library/infra/gateway';
import type { ServiceName } from '@library/infra/gateway';
import { LibraryProcesses } from '@library/infra/library-processes';
import { throwAway, variablesOf } from '@library/infra/whereabouts';
import type { Whereabouts } from '@library/infra/whereabouts';
import { SAGA_TOPICS } from '@library/shared-kernel/contracts/topics';
import { readEnvironment } from '@library/shared-kernel/service/environment';
import { Deployment, deploymentAddress } from '@library/standalone/verify/deployment';
import type { DeploymentAddress } from '@library/standalone/verify/deployment';
import { verifyDistributed } from '@library/standalone/verify/verify-distributed';
import { Client } from '@library/system-tests/client';
import { prefill } from '@library/system-tests/prefill';
import { cpuSecondsOf, memoryMbOf } from './process-cost';
import { FULL } from './target';
import type { Calls, Cost, Target } from './target';

const ZONE = 'Asia/Seoul';

export type Variables = Readonly<Record<string, string | undefined>>;

/** Four processes on Kafka and MongoDB: on those that the environment names, or on those of `infra`, started for this. */
export class DistributedTarget implements Target {
  readonly name = 'distributed';
  readonly bytesKept = undefined;
  readonly population = FULL;
  linesLogged = 0;
  readyMs = 0;
  restsOn: readonly string[] = [];
  private library: LibraryProcesses | undefined;

  private constructor(
    private readonly where: Required<Whereabouts>,
    private readonly endServers: () => Promise<void>,
  ) {}

  /**
   * On `servers`, whose addresses are added where they are missing. `variables` are what the user has said of them. Rejects
   * when they do not make durable what they acknowledge.
   */
  static async start(
    variables: Variables,
    isFilled: boolean,
    servers: Record<string, string | undefined> = { ...variables },
  ): Promise<DistributedTarget> {
    const endServers = await requireServers(servers);
    const name = `bench_${Date.now().toString(36)}`;
    const target = new DistributedTarget(
      {
        brokers: servers['KAFKA_BROKERS']!.split(','),
        mongoUrl: servers['MONGO_URL']!,
        database: name,
        prefix: `${name}.`,
      },
      endServers,
    );
    try {
      await target.begin(variables);
      const calls = target.calls(64);
      if (isFilled) await prefill(calls, target.population);
      calls.close();
      return target;
    } catch (error) {
      await target.stop();
      throw error;
    }
  }

  private async begin(variables: Variables): Promise<void> {
    const begun = performance.now();
    this.library = await LibraryProcesses.start({ ...this.where, log: () => this.linesLogged++ });
    this.readyMs = performance.now() - begun;
    this.restsOn = await sentencesOf(this.address, variables);
  }

  /** Each service is asked by itself: a gateway would cost as much as a service. */
  calls(connections: number): Calls {
    const clients = Object.fromEntries(
      SERVICES.map((service) => [service, new Client(this.library!.instances(service)[0]!.origin, connections)]),
    ) as Record<ServiceName, Client>;
    const clientFor = (path: string) => clients[whoAnswers(path)!.service];
    return {
      get: (path) => clientFor(path).get(path),
      post: (path, body, headers) => clientFor(path).post(path, body, headers),
      close: () => Object.values(clients).forEach((client) => client.close()),
    };
  }

  costs(): readonly Cost[] {
    return this.library!.all.map(({ service, pid }) => ({
      process: service,
      cpuSeconds: cpuSecondsOf(pid),
      memoryMb: memoryMbOf(pid),
    }));
  }

  async verify(): Promise<readonly string[]> {
    const { checks } = await verifyDistributed(this.address, { zone: ZONE });
    return checks.flatMap(({ id, offenders }) => offenders.map((offender) => `${id}: ${offender}`));
  }

  /** Leaves nothing of it on the servers. */
  async stop(): Promise<readonly string[]> {
    const unwilling = (await this.library?.stop()) ?? [];
    await throwAway(this.where);
    await this.endServers();
    return unwilling;
  }

  private get address(): DeploymentAddress {
    return deploymentAddress(readEnvironment(variablesOf(this.where)));
  }
}

/** What an acknowledged rent rests on, as the servers and the programs say it. */
async function sentencesOf(address: DeploymentAddress, given: Variables): Promise<readonly string[]> {
  const deployment = Deployment.open(address);
  try {
    const { replicas, inSync } = await deployment.log.safety(SAGA_TOPICS);
    const { version, isReplicaSet, waitsForMajority, waitsForJournal } = await deployment.databases.rental.safety();
    if (!waitsForMajority || !waitsForJournal) throw new Error('The databases are not asked for durable writes.');
    const kafka = given['KAFKA_BROKERS'] ?? 'one broker of infra';
    const mongo =
      given['MONGO_URL'] === undefined ? 'the MongoDB-wire server of infra, in memory' : 'the given MongoDB';
    return [
      `Kafka (${kafka}): acks=all, idempotent; each message on ${replicas} broker(s), acknowledged by ${inSync} at least`,
      `MongoDB (${mongo}, ${version}, ${isReplicaSet ? 'a replica set' : 'standalone'}): w=majority, j=true`,
    ];
  } finally {
    await deployment.close();
  }
}
