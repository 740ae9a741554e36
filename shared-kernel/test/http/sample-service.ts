import { Registry } from 'prom-client';
import { z } from 'zod';
import { itemSchema, memberNameSchema } from '../../src/contracts/bodies';
import { refuse, type RefusalCode } from '../../src/domain/refusal';
import { alsoSpelled, bookNoParam, dayParam, flagParam, memberParam, sagaParam } from '../../src/http/parameters';
import { cursorTo, pageOf, pageQuery } from '../../src/http/cursor';
import { problem, undone, type Problem } from '../../src/http/problem';
import { route, type Route, type RouteRequest } from '../../src/http/routes';
import { serviceApp, type HttpService, type HttpWorld } from '../../src/http/service-app';
import { sagaId } from '../../src/domain/identifiers';
import type { Clock } from '../../src/time/clock';

/** Time that stands still until it is told to pass. */
export class ManualClock implements Clock {
  private time = 0;
  private readonly sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();

  now(): number {
    return this.time;
  }

  after(ms: number, wake: () => void): () => void {
    const sleeper = { at: this.time + ms, wake };
    this.sleepers.add(sleeper);
    return () => void this.sleepers.delete(sleeper);
  }

  get waiting(): number {
    return this.sleepers.size;
  }

  pass(ms: number): void {
    this.time += ms;
    for (const sleeper of [...this.sleepers].filter(({ at }) => at <= this.time)) {
      this.sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}

/** A log that can be looked at. */
export class KeptLog {
  readonly lines: {
    readonly level: 'warn' | 'error';
    readonly fields: Record<string, unknown>;
    readonly message: string;
  }[] = [];

  warn(fields: object, message: string): void {
    this.lines.push({ level: 'warn', fields: { ...fields }, message });
  }

  error(fields: object, message: string): void {
    this.lines.push({ level: 'error', fields: { ...fields }, message });
  }
}

export const SAGA = '01936b2e-7c4d-7a10-8f3e-2b1c0d9e8f7a';

const sagaSchema = z.object({ id: z.string(), status: z.enum(['RUNNING', 'COMPLETED']) }).meta({ id: 'Saga' });
const loanSchema = z.object({ no: z.int(), title: z.string() }).meta({ id: 'Loan' });

/** What a test wants to see of a request, or to happen to it. */
export interface Handling {
  seen?: RouteRequest;
  failWith?: Error;
  refuseWith?: 'limit-reached' | 'card-unavailable';
  undoneBy?: RefusalCode;
}

/** A service as small as one can be that uses everything a route can say. */
export function sampleRoutes(handling: Handling = {}): Route[] {
  return [
    route({
      method: 'POST',
      path: '/rental-cards/{member}/rentals',
      summary: 'Rents a book',
      description: 'All services agree, or it looks as if nothing happened.',
      params: z.object({ member: memberParam }),
      body: z.object({ memberName: memberNameSchema, item: itemSchema }),
      headers: ['Idempotency-Key', 'Prefer'],
      answers: {
        201: { description: 'The loan, when it was waited for.', schema: loanSchema },
        202: {
          description: 'The saga that has begun.',
          schema: sagaSchema,
          headers: { Location: 'Where it can be followed.' },
        },
      },
      problems: ['limit-reached', 'card-unavailable', 'idempotency-key-reused', 'too-many-keys'],
      undoneBy: ['book-not-available', 'book-not-found'],
      handle: (request) => {
        handling.seen = request;
        if (handling.failWith) throw handling.failWith;
        if (handling.refuseWith) return refuse(handling.refuseWith);
        if (handling.undoneBy) return undone(handling.undoneBy, sagaId(SAGA)) as Problem<'book-not-found'>;
        if (request.waitSeconds !== undefined) return { status: 201, body: request.body.item };
        return { status: 202, body: { id: SAGA, status: 'RUNNING' }, headers: { Location: `/sagas/${SAGA}` } };
      },
    }),
    route({
      method: 'GET',
      path: '/sagas/{id}',
      summary: 'Shows a saga',
      params: z.object({ id: sagaParam }),
      answers: { 200: { description: 'The saga.', schema: sagaSchema } },
      problems: ['not-found'],
      handle: ({ params }) =>
        params.id === SAGA
          ? { status: 200, body: { id: SAGA, status: 'RUNNING' } }
          : problem('not-found', { detail: 'No such saga.' }),
    }),
    route({
      method: 'GET',
      path: '/books/{no}',
      summary: 'Shows a book',
      params: z.object({ no: bookNoParam }),
      answers: { 200: { description: 'The book.', schema: z.object({ no: z.int() }) } },
      problems: ['book-not-found'],
      handle: ({ params }) => (params.no === 404 ? refuse('book-not-found') : { status: 200, body: { no: params.no } }),
    }),
    route({
      method: 'GET',
      path: '/books/newest',
      summary: 'Shows the newest book',
      answers: { 200: { description: 'The book.', schema: z.object({ no: z.int() }) } },
      handle: () => ({ status: 200, body: { no: 99 } }),
    }),
    route({
      method: 'GET',
      path: '/books',
      summary: 'Lists the books',
      query: z.object({
        ...pageQuery(z.object({ after: z.int() })),
        query: z.string().min(1).max(100).optional(),
        lent: flagParam.optional(),
        from: dayParam.optional(),
      }),
      answers: { 200: { description: 'The books.', schema: pageOf(z.object({ no: z.int() })) } },
      handle: (request) => {
        handling.seen = request;
        const { limit, cursor } = request.query;
        const first = (cursor?.after ?? 0) + 1;
        const items = Array.from({ length: limit }, (_, index) => ({ no: first + index }));
        return { status: 200, body: { items, next: cursorTo({ after: first + limit - 1 }) } };
      },
    }),
    route({
      method: 'PUT',
      path: '/books/{no}/shelf',
      summary: 'Puts a book on the shelf',
      params: z.object({ no: bookNoParam }),
      answers: { 204: { description: 'It is there.' } },
      handle: () => ({ status: 204 }),
    }),
    route({
      method: 'POST',
      path: '/api/RentalCard',
      summary: 'Makes a card, as the original system did',
      body: alsoSpelled({ UserId: 'userId', UserNm: 'userNm' }, z.object({ userId: z.string(), userNm: z.string() })),
      unknownFields: 'ignored',
      answers: {
        201: { description: 'The card.', schema: z.object({ memberId: z.string(), memberName: z.string() }) },
      },
      problems: ['card-unavailable'],
      handle: ({ body }) =>
        body.userId === 'late'
          ? problem('card-unavailable', { detail: '대여불가상태입니다.' })
          : { status: 201, body: { memberId: body.userId, memberName: body.userNm } },
    }),
    route({
      method: 'POST',
      path: '/ops/pause',
      summary: 'Pauses',
      answers: { 204: { description: 'It pauses.' } },
      handle: () => ({ status: 204 }),
    }),
  ];
}

export function sampleService(more: Partial<HttpService> = {}): HttpService {
  return {
    name: 'sample-service',
    version: '1.2.3',
    summary: 'Shows what a route can say.',
    routes: sampleRoutes(),
    health: {},
    metrics: [new Registry()],
    speakers: ['rental'],
    ...more,
  };
}

export function sampleApp(handling: Handling = {}, world: Partial<HttpWorld> = {}) {
  return serviceApp(sampleService({ routes: sampleRoutes(handling) }), {
    clock: new ManualClock(),
    log: new KeptLog(),
    checkAnswers: true,
    ...world,
  });
}
