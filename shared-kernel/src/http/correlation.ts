import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** Harmless in a log line, a message header and a shell. */
const SAFE = /^[A-Za-z0-9._:-]{1,100}$/;

const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** What ties everything that follows from one request together: what the client calls it, or a new UUID. */
export function correlationOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-correlation-id'] ?? headers['x-request-id'];
  return typeof given === 'string' && SAFE.test(given) ? given : randomUUID();
}

/** The W3C trace context as version 00, which is the one we speak; `undefined` when there is none, or none that counts. */
export function traceparentOf(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['traceparent'];
  if (typeof given !== 'string') return undefined;

  const [, version, trace, span, flags, more] = TRACEPARENT.exec(given) ?? [];
  if (version === undefined || (version === '00' && more !== undefined)) return undefined;
  return `00-${trace}-${span}-${flags}`;
}

/** The correlation that this response was given on arrival. */
export function answeredCorrelation(response: ServerResponse): string {
  return String(response.getHeader('X-Correlation-ID'));
}
