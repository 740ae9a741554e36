import { requireServers } from '@library/infra/required-servers';
import { throwAway } from '@library/infra/whereabouts';
import { Client } from '@library/system-tests/client';
import { DistributedTarget } from '../distributed-target';
import type { Variables } from '../distributed-target';
import { FULL } from '../target';
import { startPeer } from './peer-program';
import type { PeerProgram } from './peer-program';
import { Served } from './served';
import type { Contender, Figures, System } from './system';
import { wrongTotals } from './totals';

/** Of a rent: the announcement, and three results. */
const MESSAGES_PER_SAGA = 4;
/** The fewest that there can be of a rent: the request, each participant's effect, and the end. */
const WRITES_PER_SAGA = 5;

/** One Kafka and one MongoDB for everything that is compared on them. */
export class SharedServers {
  private constructor(
    private readonly given: Variables,
    /** Names the servers, as the environment of a library does. */
    private readonly variables: Record<string, string | undefined>,
    private readonly name: string,
    private readonly end: () => Promise<void>,
  ) {}

  /** Those that the environment names, or those of `infra`. */
  static async start(given: Variables): Promise<SharedServers> {
    const variables: Record<string, string | undefined> = { ...given };
    const end = await requireServers(variables);
    return new SharedServers(given, variables, `peers_${Date.now().toString(36)}`, end);
  }

  /** The library comes first. */
  get contenders(): readonly Contender[] {
    return [
      { name: 'library', start: (name) => this.library(name) },
      { name: 'the textbook way', start: (name) => this.textbook(name) },
      { name: 'ceiling of the servers', start: (name) => this.ceiling(name) },
    ];
  }

  private async library(name: string): Promise<System> {
    const target = await DistributedTarget.start(this.given, true, this.variables);
    return new Served({
      name,
      restsOn: target.restsOn.join('; '),
      population: target.population,
      calls: (connections) => target.calls(connections),
      verify: () => target.verify(),
      stop: () => target.stop(),
    });
  }

  /** Four processes, as the library's are. */
  private async textbook(name: string): Promise<System> {
    const programs: PeerProgram[] = [];
    const stop = async () => {
      await Promise.all(programs.map((program) => program.stop()));
    };
    try {
      for (const service of ['rental', 'book', 'member', 'bestbook'])
        programs.push(await startPeer('textbook', { ...this.settings('textbook'), service }));
    } catch (error) {
      await stop();
      throw error;
    }
    return new Served({
      name,
      restsOn:
        'the same Kafka and MongoDB, acks=all, w=majority, j=true; one message at a time, every step awaited, outbox polled each 100 ms',
      population: FULL,
      calls: (connections) => new Client(programs[0]!.origin, connections),
      verify: (sagas) =>
        wrongTotals(
          programs.map(({ origin }) => new Client(origin, 1)),
          sagas,
          ['sagas', 'points', 'rented', 'lent', 'onCards'],
        ),
      stop,
    });
  }

  private async ceiling(name: string): Promise<System> {
    const program = await startPeer('ceiling', this.settings('ceiling'));
    const client = new Client(program.origin, 1);
    return {
      name,
      restsOn: `${MESSAGES_PER_SAGA} messages by kafkajs alone and ${WRITES_PER_SAGA} bare conditional updates a saga, both in bulks of as many as there are clients`,
      measure: (clients, seconds) => ceilingOf(client, clients, seconds),
      verify: () => Promise.resolve([]),
      stop: () => {
        client.close();
        return program.stop();
      },
    };
  }

  /** Leaves nothing of it on the servers. */
  async stop(): Promise<void> {
    const { brokers, mongoUrl, prefix } = this.settings('');
    await throwAway({ brokers, mongoUrl, prefix, database: this.name });
    await this.end();
  }

  private settings(part: string) {
    return {
      brokers: this.variables['KAFKA_BROKERS']!.split(','),
      mongoUrl: this.variables['MONGO_URL']!,
      database: `${this.name}_${part}`,
      prefix: `${this.name}.`,
      ...FULL,
    };
  }
}

async function ceilingOf(client: Client, clients: number, seconds: number): Promise<Figures> {
  const { status, body } = await client.get(`/rates?batch=${clients}&seconds=${seconds}`);
  if (status !== 200) throw new Error(`The ceiling could not be measured: ${status} ${JSON.stringify(body)}`);
  const rates = body as { readonly messagesPerSecond: number; readonly writesPerSecond: number };
  const secondsPerSaga = MESSAGES_PER_SAGA / rates.messagesPerSecond + WRITES_PER_SAGA / rates.writesPerSecond;
  return { sagasPerSecond: 1 / secondsPerSaga, parts: rates };
}
