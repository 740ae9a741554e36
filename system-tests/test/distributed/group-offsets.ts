import type { Whereabouts } from '@library/infra/whereabouts';
import { Connection } from '@library/shared-kernel/kafka/connection';
import { Coordinator } from '@library/shared-kernel/kafka/coordinator';
import type { KafkaMessageLog } from '@library/shared-kernel/kafka/message-log.kafka';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { SILENT } from '../library-under-test';

/** As an operator resets the offsets of a group: nobody may be in it. */
export async function resetOffsets(
  { brokers, prefix }: Required<Whereabouts>,
  log: KafkaMessageLog,
  { group, topics, to }: { readonly group: string; readonly topics: readonly string[]; readonly to: 'firsts' | 'ends' },
): Promise<void> {
  const offsets = await Promise.all(
    topics.map(async (topic) => ({
      topic: `${prefix}${topic}`,
      partitions: (await log[to](topic)).map((offset, partition) => ({ partition, offset: `${offset}` })),
    })),
  );
  const connection = await Connection.open({
    brokers,
    clientId: 'operator',
    clock: new SystemClock(),
    random: Math.random,
    logger: SILENT,
    onFailure: () => undefined,
  });
  try {
    const commit = { groupId: `${prefix}${group}`, groupGenerationId: -1, memberId: '', topics: offsets };
    await new Coordinator(connection.cluster, commit.groupId).ask((broker) => broker.offsetCommit(commit));
  } finally {
    connection.end();
  }
}
