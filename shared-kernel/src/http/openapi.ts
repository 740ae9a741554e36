import type { z } from 'zod';
import { sagaId } from '../domain/identifiers';
import { IDEMPOTENCY_KEY } from './idempotency-key';
import { closed, jsonSchemaOf, lifted, type JsonSchema } from './json-schemas';
import { LONGEST_WAIT_SECONDS } from './prefer';
import { problem, problemSchema, undone, type Problem } from './problem';
import { KINDS, type ProblemCode } from './problem-kinds';
import type { DocumentedAnswer, Route, RouteHeader } from './routes';

/** What a document says about itself. */
export interface About {
  readonly name: string;
  readonly version: string;
  /** What it does, in a sentence or two. */
  readonly summary: string;
}

type Components = Map<string, JsonSchema>;

const ANY_CALL =
  `Every answer carries X-Correlation-ID: the one the client sent, or a new one. Beyond the problems that a call
lists, any call may answer 400 \`malformed-request\`, 403 \`cross-site\`, 408 \`too-slow\`, 421 \`unknown-host\` or
431 \`headers-too-large\`.`.replaceAll('\n', ' ');

const HEADERS: Readonly<Record<RouteHeader | 'Last-Event-ID', { description: string; schema: JsonSchema }>> = {
  'Idempotency-Key': {
    description: 'The same key with the same body gets the same answer for 24 hours, and nothing is done twice.',
    schema: { type: 'string', minLength: 1, maxLength: 200, pattern: IDEMPOTENCY_KEY.source },
  },
  Prefer: {
    description: `\`wait=N\` (RFC 7240): wait up to N seconds, at most ${LONGEST_WAIT_SECONDS}, for the outcome.`,
    schema: { type: 'string', examples: ['wait=10'] },
  },
  'Last-Event-ID': {
    description: 'Go on after this event.',
    schema: { type: 'string', maxLength: 200 },
  },
};

/** The OpenAPI 3.1 document of these routes. */
export function openApiOf(about: About, routes: readonly Route[]): JsonSchema {
  const components: Components = new Map();
  put(problemSchema, components);

  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route, components) };
  }
  return {
    openapi: '3.1.0',
    info: { title: about.name, version: about.version, description: `${about.summary} ${ANY_CALL}` },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(tagOf))].map((name) => ({ name })),
    paths,
    components: { schemas: Object.fromEntries(components) },
  };
}

function operationOf(route: Route, components: Components): JsonSchema {
  const { method, path, summary, description, body } = route;
  return {
    operationId: `${method} ${path}`
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+([a-z0-9]|$)/g, (_, letter: string) => letter.toUpperCase()),
    tags: [tagOf(route)],
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: parametersOf(route, components),
    ...(body ? { requestBody: { required: true, content: json(inputOf(route, body, components)) } } : {}),
    responses: { ...answersOf(route, components), ...problemsOf(route) },
  };
}

function parametersOf({ params, query, headers = [], answers }: Route, components: Components): JsonSchema[] {
  const streams = Object.values(answers).some(({ events }: DocumentedAnswer) => events);
  const inHeader = [...headers, ...(streams ? (['Last-Event-ID'] as const) : [])];
  return [
    ...fieldsOf(params).map(([name, schema]) => parameter('path', name, schema, true, components)),
    ...fieldsOf(query).map(([name, schema]) => parameter('query', name, schema, isRequired(schema), components)),
    ...inHeader.map((name) => ({ name, in: 'header', required: false, ...HEADERS[name] })),
  ];
}

function parameter(where: 'path' | 'query', name: string, of: z.ZodType, required: boolean, components: Components) {
  const { description, ...schema } = put(of, components);
  return { name, in: where, required, ...(typeof description === 'string' ? { description } : {}), schema };
}

const fieldsOf = (object?: z.ZodObject) => Object.entries<z.ZodType>(object?.shape ?? {});
const isRequired = (schema: z.ZodType) => !schema.safeParse(undefined).success;

function inputOf({ unknownFields }: Route, body: z.ZodType, components: Components): JsonSchema {
  const schema = jsonSchemaOf(body);
  return lifted(unknownFields === 'ignored' ? schema : closed(schema), components);
}

function answersOf({ answers }: Route, components: Components): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, events, headers }]: [string, DocumentedAnswer]) => [
      status,
      {
        description,
        ...(headers ? { headers: headersOf(headers) } : {}),
        ...(schema ? { content: json(put(schema, components)) } : {}),
        ...(events ? { content: { 'text/event-stream': { schema: put(events, components) } } } : {}),
      },
    ]),
  );
}

/** Its problems by status, each with an example. */
function problemsOf(route: Route): Record<string, JsonSchema> {
  const listed = [...new Set([...edgeProblemsOf(route), ...(route.problems ?? [])])];
  const examples: [string, Problem][] = [
    ...listed.map((code): [string, Problem] => [code, problem(code)]),
    ...(route.undoneBy ?? []).map((code): [string, Problem] => [`undone: ${code}`, undone(code, SOME_SAGA)]),
  ];
  const statuses = [...new Set(examples.map(([, { status }]) => status))].toSorted((one, other) => one - other);

  return Object.fromEntries(
    statuses.map((status) => {
      const here = examples.filter(([, example]) => example.status === status);
      const codes = [...new Set(here.map(([, { code }]) => code))];
      const mayRetry = codes.some((code: ProblemCode) => KINDS[code].retryAfterSeconds !== undefined);
      return [
        String(status),
        {
          description: here.map(([name, { title }]) => `\`${name}\` ${title}`).join('; '),
          ...(mayRetry
            ? { headers: headersOf({ 'Retry-After': 'Seconds after which it may be worth another try.' }) }
            : {}),
          content: {
            'application/problem+json': {
              schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }] },
              examples: Object.fromEntries(here.map(([name, value]) => [name, { summary: value.title, value }])),
            },
          },
        },
      ];
    }),
  );
}

const SOME_SAGA = sagaId('01936b2e-7c4d-7a10-8f3e-2b1c0d9e8f7a');

/** What the edge answers before, or instead of, the route itself. */
function edgeProblemsOf({ method, path, body, unknownFields }: Route): ProblemCode[] {
  return [
    'invalid-input',
    ...(unknownFields === 'ignored' ? [] : (['unknown-field'] as const)),
    ...(body ? (['malformed-json', 'too-deep', 'too-large', 'unsupported-media-type'] as const) : []),
    ...(path.startsWith('/ops/') ? (['loopback-only'] as const) : []),
    'bug',
    'unavailable',
    ...(method === 'GET' ? [] : (['insufficient-storage'] as const)),
  ];
}

function headersOf(headers: Readonly<Record<string, string>>): JsonSchema {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );
}

const json = (schema: JsonSchema) => ({ 'application/json': { schema } });
const put = (schema: z.ZodType, components: Components) => lifted(jsonSchemaOf(schema), components);
const tagOf = ({ path }: Route) => path.split('/')[1] ?? '';
