import type { LogView } from '@library/shared-kernel/embedded/log-reader';
import type { TopicState } from '@library/shared-kernel/embedded/topic';
import { route, type Route } from '@library/shared-kernel/http/routes';
import { z } from 'zod';

const topicSchema = z
  .object({
    topic: z.string(),
    messages: z.int(),
    bytes: z.int().meta({ description: 'What keys, values and headers weigh on disk.' }),
    partitions: z.array(
      z.object({
        partition: z.int(),
        first: z.int().meta({ description: 'Offset of the oldest message that is there.' }),
        end: z.int().meta({ description: 'The offset that the next message gets.' }),
        messages: z.int(),
        bytes: z.int(),
      }),
    ),
    groups: z.array(
      z.object({
        group: z.string(),
        lag: z.int().meta({ description: 'Messages that it has not handled yet.' }),
        partitions: z.array(z.object({ partition: z.int(), offset: z.int(), lag: z.int() })),
      }),
    ),
  })
  .meta({ id: 'Topic', description: 'A topic, and how far each consumer group is in it.' });

/** Looking at the message log as a whole. */
export function topicRoutes(log: Pick<LogView, 'topics' | 'groups' | 'offsets'>): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/ops/topics',
      summary: 'List the topics, with their partitions and the positions of the consumer groups',
      answers: { 200: { description: 'All of them.', schema: z.object({ items: z.array(topicSchema) }) } },
      handle: () => {
        const places = log.groups().flatMap((group) => log.offsets(group).map((place) => ({ group, ...place })));
        return { status: 200, body: { items: log.topics().map((topic) => topicShape(topic, places)) } };
      },
    }),
  ];
}

interface Place {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

function topicShape(
  { topic, messages, bytes, partitions }: TopicState,
  places: readonly Place[],
): z.input<typeof topicSchema> {
  const here = places.filter((place) => place.topic === topic);
  const groups = [...new Set(here.map(({ group }) => group))].map((group) => {
    const positions = here
      .filter((place) => place.group === group)
      .map(({ partition, offset }) => ({ partition, offset, lag: lagAt(partitions[partition], offset) }));
    return { group, lag: positions.reduce((sum, { lag }) => sum + lag, 0), partitions: positions };
  });
  return { topic, messages, bytes, partitions: [...partitions], groups };
}

/** What was deleted before the group came to it is not waited for. */
function lagAt(partition: TopicState['partitions'][number] | undefined, offset: number): number {
  return partition ? partition.end - Math.max(offset, partition.first) : 0;
}
