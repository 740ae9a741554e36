import { connect as connectPlainly, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { Kafka, logLevel, PartitionAssigners } from 'kafkajs';
import type { ISocketFactory } from 'kafkajs';
import { keepIdleConnectionsQuiet } from './idle-guard';
import type { Cluster } from './protocol';
import { REQUEST_TIMEOUT_MS } from './settings';
import type { KafkaSettings } from './settings';

const CONNECT_TIMEOUT_MS = 2_000;
const KEEP_ALIVE_MS = 30_000;
/** How soon a partition that was added is seen. */
const METADATA_MAX_AGE_MS = 30_000;

/** Connections to the brokers that live and die together. Made anew whenever they are in doubt; nothing is repaired. */
export class Connection {
  private readonly sockets = new Set<Socket>();
  private ended = false;
  /** Of use once `reach` has resolved. */
  readonly cluster: Cluster;

  constructor(settings: KafkaSettings) {
    const kafka = new Kafka({ ...clientConfig(settings), socketFactory: this.openSocket });
    this.cluster = clusterOf(kafka);
  }

  /** Made and reached at once. */
  static async open(settings: KafkaSettings): Promise<Connection> {
    const connection = new Connection(settings);
    await connection.reach();
    return connection;
  }

  /** Reaches one of the brokers, and rejects when it can reach none of them, or is ended meanwhile. */
  async reach(): Promise<void> {
    try {
      await this.cluster.connect();
      // Without topics this asks for the brokers, and for nothing else that could be missing.
      await this.cluster.refreshMetadata();
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** Ends it at once: whatever waits for an answer rejects. */
  end(): void {
    this.ended = true;
    for (const socket of this.sockets) socket.destroy(new Error('The connection was given up.'));
  }

  private readonly openSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    if (this.ended) throw new Error('The connection was given up.');
    // Without a TLS setting kafkajs passes none, whatever its types say.
    const secure = ssl as typeof ssl | undefined;
    const socket = secure
      ? connectSecurely({ host, port, ...(isIP(host) ? {} : { servername: host }), ...secure }, onConnect)
      : connectPlainly({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setNoDelay(true);
    // Trap: while a broker is away, kafkajs unrefs its dead socket at each attempt, and Node adds a listener each time.
    socket.setMaxListeners(0);
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return socket;
  };
}

/** What every client of kafkajs is made with. */
export function clientConfig(settings: KafkaSettings) {
  keepIdleConnectionsQuiet();
  const { brokers, clientId, sasl, tls, logger, random, requestTimeoutMs = REQUEST_TIMEOUT_MS } = settings;
  return {
    // Each connection begins with another one, so that the first of the list being down is no trouble.
    brokers: brokers.toSorted(() => random() - 0.5),
    clientId,
    ...(sasl && { sasl: sasl() }),
    ...(tls !== undefined && { ssl: tls }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    authenticationTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: requestTimeoutMs,
    retry: { retries: Math.max(2, brokers.length), initialRetryTime: 100, maxRetryTime: 500 },
    logLevel: logger.debug ? logLevel.WARN : logLevel.NOTHING,
    logCreator: () => (entry: { readonly namespace: string; readonly log: { readonly message: string } }) => {
      const { message, ...fields } = entry.log;
      logger.debug?.({ ...fields, from: `kafkajs ${entry.namespace}` }, message);
    },
  };
}

/**
 * A consumer's partition assigner is given the cluster of brokers, and that is all this consumer is made for: it never
 * runs, so no broker hears of its group.
 */
function clusterOf(kafka: Kafka): Cluster {
  let cluster: Cluster | undefined;
  kafka.consumer({
    groupId: 'never-joined',
    allowAutoTopicCreation: false,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    partitionAssigners: [
      (config) => {
        cluster = config.cluster as unknown as Cluster;
        return PartitionAssigners.roundRobin(config);
      },
    ],
  });
  if (!cluster) throw new TypeError('This version of kafkajs shows its cluster to nobody.');
  return cluster;
}
