import { MEMBER_ID } from '../contracts/bodies';
import { PARTICIPANTS, type Direction, type ParticipantName } from '../contracts/event-contract';
import { eventResultContract } from '../contracts/event-result';
import { SAGA_EVENTS } from '../contracts/events';
import { jsonSchemaOf, lifted, type JsonSchema } from './json-schemas';
import type { About } from './openapi';

/** Who sends and receives saga messages. */
export type Speaker = 'rental' | ParticipantName;

const PARTITIONS = 4;

const REQUIRED = ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time', 'ce_sagaid'];

const text = (description: string, more: JsonSchema = {}): JsonSchema => ({ type: 'string', description, ...more });
const instant = (description: string): JsonSchema => text(description, { format: 'date-time' });

/** One type of message: its topic, its body, and whose it is. */
interface Spoken {
  readonly type: string;
  readonly topic: string;
  readonly payload: JsonSchema;
  readonly direction: Direction | 'answer';
  readonly from: readonly Speaker[];
  readonly to: readonly Speaker[];
}

/** The AsyncAPI 3.0 document of what these send and receive, made from the contracts. */
export function asyncApiOf(about: About, speakers: readonly Speaker[]): JsonSchema {
  const schemas = new Map<string, JsonSchema>();
  const messages = spokenMessages(schemas);
  const operations = messages.flatMap((message) => [
    ...message.from.filter((one) => speakers.includes(one)).map((one) => operationOf(one, 'send', message)),
    ...message.to.filter((one) => speakers.includes(one)).map((one) => operationOf(one, 'receive', message)),
  ]);
  const heard = messages.filter(({ from, to }) => [...from, ...to].some((one) => speakers.includes(one)));

  return {
    asyncapi: '3.0.0',
    info: { title: about.name, version: about.version, description: about.summary },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(heard.map((message) => [message.topic, channelOf(message)])),
    operations: Object.fromEntries(operations),
    components: {
      messages: Object.fromEntries(heard.map((message) => [message.type, messageOf(message)])),
      ...(schemas.size > 0 ? { schemas: Object.fromEntries(schemas) } : {}),
    },
  };
}

function spokenMessages(schemas: Map<string, JsonSchema>): Spoken[] {
  return [
    ...SAGA_EVENTS.map(({ type, topic, body, direction, answeredBy }): Spoken => ({
      type,
      topic,
      payload: lifted(jsonSchemaOf(body, 'draft-7'), schemas),
      direction,
      from: ['rental'],
      to: PARTICIPANTS.filter((name) => name in answeredBy),
    })),
    {
      type: eventResultContract.type,
      topic: eventResultContract.topic,
      payload: lifted(jsonSchemaOf(eventResultContract.body, 'draft-7'), schemas),
      direction: 'answer',
      from: PARTICIPANTS,
      to: ['rental'],
    },
  ];
}

function operationOf(speaker: Speaker, action: 'send' | 'receive', { type, topic }: Spoken): [string, JsonSchema] {
  const channel = `#/channels/${topic}`;
  return [
    `${speaker}${action === 'send' ? 'Sends' : 'Receives'}${type}`,
    {
      action,
      summary: `The ${speaker} service ${action}s ${type}.`,
      channel: { $ref: channel },
      messages: [{ $ref: `${channel}/messages/${type}` }],
      ...(action === 'receive'
        ? { bindings: { kafka: { groupId: { type: 'string', const: `${speaker}-service` }, bindingVersion: '0.5.0' } } }
        : {}),
    },
  ];
}

function channelOf({ topic, type }: Spoken): JsonSchema {
  return {
    address: topic,
    description:
      'One event type, keyed by the member’s id: one member’s story stays in order. Kept without time limit.',
    messages: { [type]: { $ref: `#/components/messages/${type}` } },
    bindings: {
      kafka: {
        topic,
        partitions: PARTITIONS,
        topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': -1 },
        bindingVersion: '0.5.0',
      },
    },
  };
}

function messageOf(message: Spoken): JsonSchema {
  return {
    name: message.type,
    title: message.type,
    contentType: 'application/json',
    headers: headersOf(message),
    payload: message.payload,
    correlationId: { location: '$message.header#/ce_correlationid' },
    bindings: {
      kafka: { key: text('The member’s id.', { pattern: MEMBER_ID.source }), bindingVersion: '0.5.0' },
    },
  };
}

/** CloudEvents 1.0, Kafka binary content mode. */
function headersOf({ type, direction }: Spoken): JsonSchema {
  const own: Readonly<Record<Spoken['direction'], Readonly<Record<string, JsonSchema>>>> = {
    do: {
      ce_awaits: text('The participants that must answer, comma-separated; absent means all.', {
        examples: ['book,member,bestbook'],
      }),
      ce_expirytime: instant('After this, and ten minutes for clocks that differ, it has no effect any more.'),
    },
    undo: { ce_announcedtime: instant('`ce_time` of the announcement that it takes back.') },
    confirm: {},
    answer: { ce_participant: text('Who answers.', { enum: PARTICIPANTS }) },
  };
  return {
    type: 'object',
    required: direction === 'answer' ? [...REQUIRED, 'ce_participant'] : REQUIRED,
    properties: {
      ce_specversion: { type: 'string', const: '1.0' },
      ce_id: text('`<saga>:<step>:<direction>`, a result’s also ends in its answer; the same on every re-send.'),
      ce_source: text('The service that sends it.', { format: 'uri-reference' }),
      ce_type: { type: 'string', const: type },
      ce_time: instant('When it happened, not when it was sent.'),
      ce_subject: text('Whom it is about.'),
      'content-type': { type: 'string', const: 'application/json' },
      ce_sagaid: text('The saga it belongs to.', { format: 'uuid' }),
      ce_correlationid: text('One for everything that followed from one request.'),
      ce_causationid: text('The message or request that led to this one.'),
      ...own[direction],
      traceparent: text('W3C trace context.'),
    },
  };
}
