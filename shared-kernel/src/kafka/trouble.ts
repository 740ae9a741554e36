import { Fault } from '../store/fault';

/** What kafkajs threw. */
interface Thrown extends Error {
  readonly type?: string;
  readonly retriable?: boolean;
}

const UNREACHABLE = 'log-unreachable';
const MISSING = ['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION'];
const FORBIDDEN = /AUTHORIZATION_FAILED|SASL|SECURITY_DISABLED/;
const REFUSED = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_TIMESTAMP', 'INVALID_RECORD'];

/** The name of the error that a broker answered, wherever kafkajs has wrapped it; undefined when no broker answered. */
export function answerOf(error: unknown): string | undefined {
  const { type, cause } = error as Thrown;
  if (type !== undefined) return type;
  return cause instanceof Error ? answerOf(cause) : undefined;
}

/** Whether the brokers will never take a message, for its own sake. */
export function isRefusal(error: unknown): boolean {
  return REFUSED.includes(answerOf(error) ?? '');
}

/** Whether the same may succeed in a moment: another broker leads, a connection was lost, a coordinator is loading. */
export function isPassing(error: unknown): boolean {
  const type = answerOf(error);
  if (type !== undefined) return !isRefusal(error) && !MISSING.includes(type) && !FORBIDDEN.test(type);
  return isOfKafka(error);
}

/** Whether no broker answered. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof Fault) return error.code === UNREACHABLE;
  return isOfKafka(error) && answerOf(error) === undefined;
}

export function unreachable(message: string, options?: ErrorOptions): Fault {
  return new Fault(UNREACHABLE, message, true, options);
}

/** What is the world's fault as a Fault; everything else as it is. */
export function asFault(error: unknown): unknown {
  if (!isOfKafka(error)) return error;
  const { message } = error;
  const type = answerOf(error);
  if (type === undefined) return unreachable(`No broker answers: ${message}`, { cause: error });
  if (MISSING.includes(type))
    return new Fault('topic-missing', `A topic is missing: ${message}`, true, { cause: error });
  if (FORBIDDEN.test(type))
    return new Fault('log-forbidden', `The brokers forbid it: ${message}`, true, { cause: error });
  return new Fault('log-failing', `The brokers fail with ${type}: ${message}`, true, { cause: error });
}

function isOfKafka(error: unknown): error is Thrown {
  return error instanceof Error && error.name.startsWith('KafkaJS');
}
