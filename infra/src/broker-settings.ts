import { LOCALHOST } from './ports';

const MAX_LONG = '9223372036854775807';

/** One node of a cluster: broker and controller in one process. */
export interface Node {
  readonly id: number;
  /** Where clients connect. */
  readonly port: number;
  /** Where clients are told to connect: a proxy's port, or the same one. */
  readonly advertisedPort: number;
  /** Brokers among themselves: a client's broken line is not theirs. */
  readonly internalPort: number;
  readonly controllerPort: number;
}

/** The contents of a `server.properties`. */
export function brokerSettings(node: Node, nodes: readonly Node[], logFolder: string): string {
  const copies = Math.min(3, nodes.length);
  const inSync = copies === 3 ? 2 : 1;
  const settings: Readonly<Record<string, string | number | boolean>> = {
    'node.id': node.id,
    'process.roles': 'broker,controller',
    'controller.quorum.voters': nodes.map(({ id, controllerPort }) => `${id}@${LOCALHOST}:${controllerPort}`).join(','),
    listeners: [
      `CLIENTS://${LOCALHOST}:${node.port}`,
      `BROKERS://${LOCALHOST}:${node.internalPort}`,
      `CONTROLLERS://${LOCALHOST}:${node.controllerPort}`,
    ].join(','),
    'advertised.listeners': [
      `CLIENTS://${LOCALHOST}:${node.advertisedPort}`,
      `BROKERS://${LOCALHOST}:${node.internalPort}`,
    ].join(','),
    'listener.security.protocol.map': 'CLIENTS:PLAINTEXT,BROKERS:PLAINTEXT,CONTROLLERS:PLAINTEXT',
    'inter.broker.listener.name': 'BROKERS',
    'controller.listener.names': 'CONTROLLERS',
    'log.dirs': logFolder,

    // Topics are made on purpose, with the number of partitions that was meant.
    'auto.create.topics.enable': false,
    'default.replication.factor': copies,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': inSync,

    // The limit of a batch, which is all that a producer sends to a partition at once, and thereby of a message: 256 kB of
    // body, its headers, and some air.
    'message.max.bytes': 384 * 1024,
    // Replay is a feature: topics are kept for ever, and so is how far a group has come.
    'log.retention.ms': -1,
    'offsets.retention.minutes': 60 * 24 * 365,
    // The record's time is the event's time, and a demonstration may shift the clock by years. Left alone, Kafka 4 refuses
    // what is more than an hour ahead.
    'log.message.timestamp.type': 'CreateTime',
    'log.message.timestamp.before.max.ms': MAX_LONG,
    'log.message.timestamp.after.max.ms': MAX_LONG,

    // A test starts many groups, and has members die.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    // How long a dead broker leads on, and how long it has to wait when it comes back sooner. Kafka's own choice is 9 seconds.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,

    // Small and quiet: few threads and internal partitions, no buffer for cleaning large logs, and no marker written twice
    // a second to say that nothing happened.
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.num.partitions': 1,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'num.recovery.threads.per.data.dir': 2,
    'log.cleaner.dedupe.buffer.size': 8 * 1024 * 1024,
    'metadata.max.idle.interval.ms': 5_000,
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
