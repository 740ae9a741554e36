import {
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb';
import { Fault } from '../store/fault';

/** What the server says of itself or of its replica set, never of the request: the same may be tried again. */
const PASSING: ReadonlySet<number> = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  50, // MaxTimeMSExpired
  64, // WriteConcernTimeout: stored, but not yet by a majority
  89, // NetworkTimeout
  91, // ShutdownInProgress
  100, // UnsatisfiableWriteConcern: too few members are up
  112, // WriteConflict
  133, // FailedToSatisfyReadPreference: no primary is known for a shard
  134, // ReadConcernMajorityNotAvailableYet
  189, // PrimarySteppedDown
  202, // NetworkInterfaceExceededTimeLimit
  262, // ExceededTimeLimit
  9_001, // SocketException
  10_058, // LegacyNotPrimary
  10_107, // NotWritablePrimary
  11_600, // InterruptedAtShutdown
  11_602, // InterruptedDueToReplStateChange
  13_435, // NotPrimaryNoSecondaryOk
  13_436, // NotPrimaryOrSecondary
]);

const SOCKET_ERRORS: ReadonlySet<unknown> = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Who asks is not known, or may not do it: a person puts that right, and the same works. */
const FORBIDDEN: ReadonlySet<number> = new Set([
  13, // Unauthorized
  18, // AuthenticationFailed
]);

const DISK_FULL = 14_031;
const DUPLICATE_KEY = 11_000;

/** What is wrong with the one document, and will be wrong with it next time. */
const REFUSALS: ReadonlySet<number> = new Set([
  2, // BadValue
  22, // InvalidBSON
  121, // DocumentValidationFailure
  10_334, // BSONObjectTooLarge
  17_280, // KeyTooLong
  17_419, // too large after an update
  17_420, // too large after a replacement
]);

/**
 * What errors of the driver are as Faults, whatever was asked; only a start finds more of them to be Faults, `unsuitable`
 * ones. Undefined for those that nobody here recognises: they pass as they are.
 */
export function mongoFault(error: unknown): Fault | undefined {
  if (error instanceof Fault) return error;
  const cause = causeOf(error);
  if (cause instanceof MongoClientClosedError || cause instanceof MongoTopologyClosedError)
    return new Fault('store-closed', 'The connection to MongoDB is closed.', true, { cause });
  if (isUnreached(cause)) return unreachable(`MongoDB cannot be reached: ${cause.message}`, cause);
  if (!(cause instanceof MongoServerError)) return undefined;

  const code = codeOf(cause);
  if (code === DISK_FULL) return new Fault('disk-full', 'The disk of MongoDB is full.', true, { cause });
  if (code !== undefined && FORBIDDEN.has(code))
    return new Fault('store-forbidden', `MongoDB forbids it: ${cause.message}`, true, { cause });
  if (code !== undefined && PASSING.has(code)) return unreachable(`MongoDB cannot answer now: ${cause.message}`, cause);
  return undefined;
}

/** The same error, as a Fault where it is one. */
export function asFault(error: unknown): unknown {
  return mongoFault(error) ?? error;
}

/** What the driver answers; what it rejects with, as a Fault where it is one. */
export async function translated<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw asFault(error);
  }
}

/** Recognised by its code alone: texts differ between servers. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && codeOf(error) === DUPLICATE_KEY;
}

/** A write error of one document among many, for that document's own sake. */
export function isRefusedFor(code: number | undefined): boolean {
  return code !== undefined && REFUSALS.has(code);
}

/** What failed of an unordered bulk write, of one document. */
export interface FailedDocument {
  readonly index: number;
  readonly code: number | undefined;
  readonly error: MongoServerError;
}

/** What failed of it, by document; undefined when more failed than single documents, such as a shard. */
export function writeErrorsOf(error: unknown): readonly FailedDocument[] | undefined {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) return undefined;
  const failed = failedOf(error);
  return failed.length > 0 && !failed.some((each) => mongoFault(each.error)) ? failed : undefined;
}

function failedOf(error: MongoBulkWriteError): readonly FailedDocument[] {
  // Trap: the driver's write errors are no errors.
  return [error.writeErrors].flat().map(({ index, code, errmsg = '' }) => {
    const failure = new MongoServerError({ code, message: errmsg });
    return { index, code: codeOf(failure), error: failure };
  });
}

export function isDuplicateKeyCode(code: number | undefined): boolean {
  return code === DUPLICATE_KEY;
}

/** The server is there, and will not do: waiting does not help. */
export function unsuitable(message: string, cause?: unknown): Fault {
  return new Fault('store-unsuitable', message, false, { cause });
}

function unreachable(message: string, cause: unknown): Fault {
  return new Fault('store-unreachable', message, true, { cause });
}

function isUnreached(error: unknown): error is Error {
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNotConnectedError ||
    // The driver exports no class for these two.
    (error instanceof MongoError && ['MongoPoolClosedError', 'MongoWaitQueueTimeoutError'].includes(error.name)) ||
    isOfSocket(error)
  );
}

/** Trap: what a socket says while something is written to it, the driver passes on as it is. */
function isOfSocket(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'code' in error && SOCKET_ERRORS.has(error.code);
}

/**
 * Trap: a bulk write wraps whatever ended it, a lost connection too, into an error of the server's; and what one shard of a
 * sharded cluster could not do comes as errors of that shard's documents.
 */
function causeOf(error: unknown): unknown {
  if (!(error instanceof MongoBulkWriteError)) return error;
  const wrapped: unknown = error.errorResponse;
  if (wrapped instanceof MongoError || isOfSocket(wrapped)) return wrapped;
  return failedOf(error).find((failed) => mongoFault(failed.error))?.error ?? error;
}

function codeOf(error: MongoServerError): number | undefined {
  return typeof error.code === 'number' ? error.code : undefined;
}
