import pino from 'pino';
import type { LoggerOptions } from 'pino';
import type { Logger } from './logger';

const STANDARD_ERROR = 2;
/** Waiting to be written. What comes on top of it is dropped. */
const MOST_BYTES = 1024 * 1024;

/**
 * What operators are told, on standard error, or on another open file. When it cannot be written, because its disk is full,
 * lines are dropped and the work goes on. Trap: pino's asynchronous destination would wait for space when the process
 * exits, for ever.
 */
export function errorLog(options: LoggerOptions, fileDescriptor = STANDARD_ERROR): Logger {
  const destination = pino.destination({ dest: fileDescriptor, sync: true, maxLength: MOST_BYTES });
  destination.on('error', dropped);
  if (fileDescriptor === STANDARD_ERROR) process.stderr.on('error', dropped);
  return pino(options, destination);
}

function dropped(): void {
  // There is nobody left to tell.
}
