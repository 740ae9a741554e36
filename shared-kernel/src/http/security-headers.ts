import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/** Sets the same headers on every answer. */
export type FixedHeaders = readonly (readonly [name: string, value: string])[];

/** Nothing in an answer of an API is ever run, framed or loaded; and it is about members, so nothing in between keeps it. */
const NOTHING = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };

/** The page at /docs runs its own script and style, and asks this origin. */
const OWN_PAGE = {
  ...NOTHING,
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  connectSrc: ["'self'"],
  imgSrc: ['data:'],
  baseUri: ["'none'"],
  formAction: ["'none'"],
};

export const API_HEADERS: FixedHeaders = [...helmetHeaders(NOTHING), ['Cache-Control', 'no-store']];
export const PAGE_HEADERS: FixedHeaders = [...helmetHeaders(OWN_PAGE), ['Cache-Control', 'no-cache']];

export function setHeaders(response: ServerResponse, headers: FixedHeaders): void {
  for (const [name, value] of headers) response.setHeader(name, value);
}

/** What helmet says, asked once: it never depends on the request, and asking each time would cost every answer. */
function helmetHeaders(directives: Record<string, string[]>): FixedHeaders {
  const set: [string, string][] = [];
  const recorder = {
    setHeader: (name: string, value: string) => set.push([name, value]),
    removeHeader: () => undefined,
  };
  const middleware = helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    // Whoever adds TLS in front adds this too; over plain HTTP it means nothing.
    strictTransportSecurity: false,
  });
  middleware({} as IncomingMessage, recorder as unknown as ServerResponse, () => undefined);
  return set;
}
