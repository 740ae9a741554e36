import type { z } from 'zod';
import type { IdempotencyKey } from '../domain/identifiers';
import type { Refusal, RefusalCode } from '../domain/refusal';
import type { Headers } from './answering';
import type { Problem } from './problem';
import type { ProblemCode } from './problem-kinds';
import type { ServerSentEvent } from './server-sent-events';

/** Headers that a route may take; everything else that is special about a request, every route takes. */
export type RouteHeader = 'Idempotency-Key' | 'Prefer';

/** One way to answer: with JSON, with a stream of events, or, when it has neither, with nothing. */
export interface DocumentedAnswer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** The `data` of each event of a stream, which goes on after the `Last-Event-ID` that a client sends. */
  readonly events?: z.ZodType;
  /** What each header says that comes with it. */
  readonly headers?: Headers;
}

export type DocumentedAnswers = { readonly [Status in 200 | 201 | 202 | 204]?: DocumentedAnswer };

/** A request as a route receives it: everything in it has been checked. */
export interface RouteRequest<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Its Idempotency-Key, on a route that takes one. */
  readonly key: IdempotencyKey | undefined;
  /** What `Prefer: wait` asks for, at most 30, on a route that takes it. */
  readonly waitSeconds: number | undefined;
  /** Where a stream goes on after. */
  readonly lastEventId: string | undefined;
  readonly correlation: string;
  readonly traceparent: string | undefined;
  /** Aborted when the client has gone, and when the server stops: then waiting ends, never what was begun. */
  readonly signal: AbortSignal;
}

type AnswerWith<Status, Documented> = Documented extends { readonly events: infer Shape extends z.ZodType }
  ? {
      readonly status: Status;
      readonly events: AsyncIterable<ServerSentEvent<z.input<Shape>>>;
      readonly headers?: Headers;
    }
  : Documented extends { readonly schema: infer Shape extends z.ZodType }
    ? { readonly status: Status; readonly body: z.input<Shape>; readonly headers?: Headers }
    : { readonly status: Status; readonly headers?: Headers };

/** What a route answers: one of its documented answers, or a problem that it lists. A refusal becomes its problem. */
export type RouteAnswer<Answers, Code extends ProblemCode, UndoneBy extends RefusalCode> =
  | { [Status in keyof Answers]: AnswerWith<Status, Answers[Status]> }[keyof Answers]
  | Refusal<Extract<Code, RefusalCode>>
  | Problem<Code | UndoneBy>;

/** Now or later. Its codes are not inferred from it: what is answered never adds to what is documented. */
type Answered<Answers, Code extends ProblemCode, UndoneBy extends RefusalCode> =
  RouteAnswer<Answers, Code, UndoneBy> | Promise<RouteAnswer<Answers, Code, UndoneBy>>;

interface Declaration<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answers extends DocumentedAnswers,
  Code extends ProblemCode,
  UndoneBy extends RefusalCode,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Its parameters in braces, as in `/books/{no}`; each has a field in `params`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly headers?: readonly RouteHeader[];
  readonly answers: Answers;
  /** Every problem that `handle` may answer with; those of the edge are known without. */
  readonly problems?: readonly Code[];
  /** The reasons for which what this begins may be undone: a 409 with the `sagaId`. */
  readonly undoneBy?: readonly UndoneBy[];
  /** `ignored` is for callers of an older system, who send more than is wanted. */
  readonly unknownFields?: 'refused' | 'ignored';
  readonly handle: (
    request: RouteRequest<z.output<Params>, z.output<Query>, z.output<Body>>,
  ) => Answered<Answers, NoInfer<Code>, NoInfer<UndoneBy>>;
}

/** A route whose types have done their work. */
export type Route = Omit<
  Declaration<z.ZodObject, z.ZodObject, z.ZodType, DocumentedAnswers, ProblemCode, RefusalCode>,
  'handle'
> & { readonly handle: (request: RouteRequest) => PlainAnswer | Promise<PlainAnswer> };

/** What any route may answer. */
export type PlainAnswer =
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly events?: AsyncIterable<ServerSentEvent>;
      readonly headers?: Headers;
    }
  | Refusal
  | Problem;

type NoFields = z.ZodObject<Record<string, never>>;

/** Declares a call once: it is answered by this, checked by this and documented from this. */
export function route<
  const Answers extends DocumentedAnswers,
  Params extends z.ZodObject = NoFields,
  Query extends z.ZodObject = NoFields,
  Body extends z.ZodType = z.ZodUndefined,
  const Code extends ProblemCode = never,
  const UndoneBy extends RefusalCode = never,
>(declaration: Declaration<Params, Query, Body, Answers, Code, UndoneBy>): Route {
  const { method, path, params, body } = declaration;
  const inPath = new Set(Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name));
  const inParams = new Set(Object.keys(params?.shape ?? {}));
  if (inPath.size !== inParams.size || [...inPath].some((name) => !inParams.has(String(name)))) {
    throw new Error(`The path ${path} and its params do not name the same.`);
  }
  if (body && (method === 'GET' || method === 'DELETE')) throw new Error(`${method} ${path} takes no body.`);

  return declaration as unknown as Route;
}
