import { PARTICIPANTS } from '../contracts/event-contract';
import type { ParticipantName } from '../contracts/event-contract';
import { SAGA_EVENTS } from '../contracts/events';
import { eventResultContract, RESULT_TOPIC } from '../contracts/event-result';
import { sagaId } from '../domain/identifiers';
import { parseBounded } from './bounded-json';
import type { EventMessage } from './event-message';
import type { LogMessage, Publication } from './message-log';
import type { ParkReason } from './parking';

/** CloudEvents 1.0 in Kafka's binary content mode: what is about the message travels in headers, as text. */

interface Readable {
  readonly type: string;
  readonly body: {
    safeParse(
      value: unknown,
    ):
      | { success: true; data: unknown }
      | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } };
  };
}

const CONTRACTS = new Map<string, Readable>(
  [...SAGA_EVENTS, eventResultContract].map((contract) => [contract.topic, contract as Readable]),
);

export function toPublication(message: EventMessage): Publication {
  return new Said(message);
}

/** A publication that still knows what it says. Whatever is made of it, such as an altered copy, does not. */
class Said implements Publication {
  readonly topic: string;
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers: LogMessage['headers'];
  readonly time: number;
  readonly #event: EventMessage;

  constructor(event: EventMessage) {
    const { idName } = event.body as { idName: { id: string } };
    this.topic = event.topic;
    this.key = idName.id;
    this.value = Buffer.from(JSON.stringify(event.body));
    this.headers = headersOf(event, idName.id);
    this.time = event.time;
    this.#event = event;
  }

  static eventOf(publication: Publication): EventMessage | undefined {
    return publication instanceof Said ? publication.#event : undefined;
  }
}

/** Has whoever reads this message in this process get what was published, without parsing it. */
export function rememberRead(message: LogMessage, publication: Publication): void {
  const event = Said.eventOf(publication);
  if (event) READ.set(message, event);
}

function headersOf(message: EventMessage, member: string): Record<string, string> {
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: message.id,
    ce_source: message.participant ? `/${message.participant}-service` : '/rental-service',
    ce_type: CONTRACTS.get(message.topic)!.type,
    ce_time: new Date(message.time).toISOString(),
    ce_subject: `rental-cards/${member}`,
    'content-type': 'application/json',
    ce_sagaid: message.saga,
    ce_correlationid: message.correlation,
  };
  if (message.causation !== undefined) headers['ce_causationid'] = message.causation;
  if (message.awaits !== undefined) headers['ce_awaits'] = message.awaits.join(',');
  if (message.expires !== undefined) headers['ce_expirytime'] = new Date(message.expires).toISOString();
  if (message.announced !== undefined) headers['ce_announcedtime'] = new Date(message.announced).toISOString();
  if (message.participant !== undefined) headers['ce_participant'] = message.participant;
  if (message.traceparent !== undefined) headers['traceparent'] = message.traceparent;
  return headers;
}

/** A message that no contract can read: why, and one sentence for the operator. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';

  constructor(
    readonly reason: ParkReason,
    message: string,
  ) {
    super(message);
  }
}

/** Where several groups of one process are given the same message, it is read once. */
const READ = new WeakMap<LogMessage, EventMessage>();

/** Reads a message by its topic's contract. Throws Unreadable. */
export function fromLog(message: LogMessage): EventMessage {
  let read = READ.get(message);
  if (!read) READ.set(message, (read = readBy(message)));
  return read;
}

function readBy(message: LogMessage): EventMessage {
  const contract = CONTRACTS.get(message.topic);
  if (!contract) throw new Unreadable('unreadable', `No event is known for the topic ${message.topic}.`);

  const { headers } = message;
  const type = required(headers, 'ce_type');
  if (type !== contract.type)
    throw new Unreadable(
      'unsupported-version',
      `The topic ${message.topic} carries ${contract.type}, and this is "${type}".`,
    );
  if (headers['ce_specversion'] !== undefined && headers['ce_specversion'] !== '1.0') {
    throw new Unreadable(
      'unsupported-version',
      `CloudEvents ${headers['ce_specversion']} is not understood here, only 1.0.`,
    );
  }

  const parsed = contract.body.safeParse(json(message));
  if (!parsed.success)
    throw new Unreadable(
      'invalid-body',
      parsed.error.issues.map(({ path, message: why }) => `${path.join('.') || 'body'}: ${why}`).join('; '),
    );

  return {
    id: required(headers, 'ce_id'),
    topic: message.topic,
    body: parsed.data,
    saga: sagaId(required(headers, 'ce_sagaid')),
    time: instant(headers, 'ce_time') ?? message.time,
    correlation: headers['ce_correlationid'] ?? required(headers, 'ce_sagaid'),
    ...optional('causation', headers['ce_causationid']),
    ...optional('awaits', awaited(headers)),
    ...optional('expires', instant(headers, 'ce_expirytime')),
    ...optional('announced', instant(headers, 'ce_announcedtime')),
    ...optional(
      'participant',
      message.topic === RESULT_TOPIC ? participant(required(headers, 'ce_participant')) : undefined,
    ),
    ...optional('traceparent', headers['traceparent']),
  };
}

function required(headers: LogMessage['headers'], name: string): string {
  const value = headers[name];
  if (!value) throw new Unreadable('missing-header', `The header ${name} is missing.`);
  return value;
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined): { [N in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [N in Name]: Value });
}

function instant(headers: LogMessage['headers'], name: string): number | undefined {
  const text = headers[name];
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new Unreadable('missing-header', `The header ${name} is not a time: "${text.slice(0, 40)}".`);
  return time;
}

function awaited(headers: LogMessage['headers']): readonly ParticipantName[] | undefined {
  return headers['ce_awaits']?.split(',').map((name) => name.trim() as ParticipantName);
}

/** Undefined for one that a newer release has added. */
function participant(name: string): ParticipantName | undefined {
  return PARTICIPANTS.find((known) => known === name);
}

function json(message: LogMessage): unknown {
  if (message.value === undefined) throw new Unreadable('unreadable', 'The message has no value (a tombstone).');
  try {
    return parseBounded(message.value);
  } catch (error) {
    throw new Unreadable('unreadable', (error as SyntaxError).message);
  }
}
