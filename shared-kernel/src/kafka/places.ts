import type { ConsumerSettings } from '../messaging/message-log';
import type { Coordinator } from './coordinator';
import type { Assignment } from './assignment';
import { getOrCreate } from './get-or-create';
import type { Cluster, TopicOffsets } from './protocol';
import { answerOf } from './trouble';

/** Who commits without being a member; the brokers allow it while a group has none. */
const NOBODY = { groupGenerationId: -1, memberId: '' };

export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export function nameOfPlace(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** All partitions of these topics. Rejects when one of the topics is missing. */
export async function partitionsOf(cluster: Cluster, topics: readonly string[]): Promise<Assignment> {
  for (const topic of topics) await cluster.addTargetTopic(topic);
  await cluster.refreshMetadataIfNecessary();
  return Object.fromEntries(
    topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)]),
  );
}

/** How far the group has committed; -1 where it has not. */
export async function committed(
  coordinator: Coordinator,
  groupId: string,
  assignment: Assignment,
): Promise<readonly Place[]> {
  const topics = asked(assignment);
  if (topics.length === 0) return [];
  const { responses } = await coordinator.ask((broker) => broker.offsetFetch({ groupId, topics }));
  return responses.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) })),
  );
}

/** The first offset that each partition still has, or the one that its next message gets. */
export async function edges(
  cluster: Cluster,
  assignment: Assignment,
  edge: 'first' | 'end',
): Promise<ReadonlyMap<string, number>> {
  const found = await cluster.fetchTopicsOffset(
    asked(assignment).map((topic) => ({ ...topic, fromBeginning: edge === 'first' })),
  );
  return new Map(
    found.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => [nameOfPlace(topic, partition), Number(offset)] as const),
    ),
  );
}

/** Where the group goes on in its partitions: where it was, and at the first message where it never was. */
export async function resume(
  cluster: Cluster,
  coordinator: Coordinator,
  groupId: string,
  assignment: Assignment,
): Promise<readonly Place[]> {
  const places = await committed(coordinator, groupId, assignment);
  if (places.every(({ offset }) => offset >= 0)) return places;
  const first = await edges(cluster, assignment, 'first');
  return places.map((place) =>
    place.offset >= 0 ? place : { ...place, offset: first.get(nameOfPlace(place.topic, place.partition)) ?? 0 },
  );
}

/**
 * Gives a group that is new to a topic its place there. To begin at the first message needs none. One that begins after
 * the latest must have it before anything else comes; but a topic that a group with members takes up later is read from
 * its first message, because the brokers let only members commit then, and none has it yet.
 */
export async function settle(
  cluster: Cluster,
  coordinator: Coordinator,
  { group, topics, from }: ConsumerSettings,
): Promise<void> {
  const all = await partitionsOf(cluster, topics);
  if (from === 'earliest') return;
  const places = await committed(coordinator, group, all);
  // Partitions that came later hold nothing that the group should not see.
  const news = topics.filter((topic) => places.every((place) => place.topic !== topic || place.offset < 0));
  if (news.length === 0) return;

  const ends = await edges(cluster, Object.fromEntries(news.map((topic) => [topic, all[topic] ?? []])), 'end');
  const starts = places
    .filter(({ topic }) => news.includes(topic))
    .map((place) => ({ ...place, offset: ends.get(nameOfPlace(place.topic, place.partition)) ?? 0 }));
  try {
    await coordinator.ask((broker) => broker.offsetCommit({ groupId: group, ...NOBODY, topics: asTopics(starts) }));
  } catch (error) {
    if (answerOf(error) !== 'UNKNOWN_MEMBER_ID' && answerOf(error) !== 'ILLEGAL_GENERATION') throw error;
  }
}

/** As a commit wants them. */
export function asTopics(places: readonly Place[]): readonly TopicOffsets[] {
  const byTopic = new Map<string, { partition: number; offset: string }[]>();
  for (const { topic, partition, offset } of places) {
    getOrCreate(byTopic, topic, () => []).push({ partition, offset: `${offset}` });
  }
  return [...byTopic].map(([topic, partitions]) => ({ topic, partitions }));
}

function asked(assignment: Assignment) {
  return Object.entries(assignment)
    .filter(([, partitions]) => partitions.length > 0)
    .map(([topic, partitions]) => ({ topic, partitions: partitions.map((partition) => ({ partition })) }));
}
