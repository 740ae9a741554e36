import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { problem, TurnedAway, turnAway } from './problem';

/** The most that a body may have, and that its refusal names. */
export const BODY_LIMIT_BYTES = 16 * 1024;
const DEEPEST = 32;

const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

const [QUOTE, BACKSLASH, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\[]{}');

/**
 * The body as JSON. Turns away one that is not plain JSON, or too large, without waiting for the rest of it: Node throws
 * that away as it comes, for as long as the server's request timeout allows. Never settles when the client has gone.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const { headers } = request;
  if (!JSON_TYPE.test(headers['content-type'] ?? '') || (headers['content-encoding'] ?? 'identity') !== 'identity') {
    turnAway('unsupported-media-type');
  }

  const body = await bytesOf(request);
  if (!isUtf8(body)) turnAway('malformed-json');
  if (isTooDeep(body)) turnAway('too-deep');
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    // What the parser says quotes the body, which has no place in an answer or a log.
    if (error instanceof SyntaxError) turnAway('malformed-json');
    throw error;
  }
}

function bytesOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;

    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT_BYTES) {
        chunks.push(chunk);
      } else {
        chunks.length = 0;
        reject(new TurnedAway(problem('too-large')));
      }
    });
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
  });
}

/** Looked for before parsing, so that nothing downstream ever recurses deeper. */
function isTooDeep(json: Buffer): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (inString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) {
      inString = true;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (++depth > DEEPEST) return true;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      depth--;
    }
  }
  return false;
}
