import { memberIdSchema, textSchema } from '@library/shared-kernel/contracts/bodies';
import type { MemberId } from '@library/shared-kernel/domain/identifiers';
import { isRefusal, refuse } from '@library/shared-kernel/domain/refusal';
import { keyed } from '@library/shared-kernel/http/asked';
import { pageFrom, pageOf, pageQuery } from '@library/shared-kernel/http/cursor';
import { memberParam } from '@library/shared-kernel/http/parameters';
import { problem } from '@library/shared-kernel/http/problem';
import { route, type Route } from '@library/shared-kernel/http/routes';
import { isMisuse } from '@library/shared-kernel/store/kept-answer';
import type { Archive } from '@library/shared-kernel/store/records';
import { z } from 'zod';
import type { AdjustPoints } from '../../../application/adjust-points';
import type { CloseMember } from '../../../application/close-member';
import type { DatedEntry, MemberRecord } from '../../../application/member-record';
import type { MemberList, Members } from '../../../application/ports';
import type { RegisterMember } from '../../../application/register-member';
import { balanceSchema, entrySchema, entryShape, memberSchema, registrationFields } from './member-shapes';

/** What the member service is asked to do over HTTP. */
export interface MemberUseCases {
  readonly members: Members;
  readonly list: MemberList;
  /** Where the members' ledger entries are kept. */
  readonly ledger: Archive;
  readonly registerMember: RegisterMember;
  readonly closeMember: CloseMember;
  readonly adjustPoints: AdjustPoints;
}

const MOST_POINTS_AT_ONCE = 1_000_000;

const oneMember = z.object({ id: memberParam });

export function memberRoutes(useCases: MemberUseCases): readonly Route[] {
  return [
    registering(useCases),
    listing(useCases),
    reading(useCases),
    closing(useCases),
    readingPoints(useCases),
    adjusting(useCases),
  ];
}

function registering({ registerMember }: MemberUseCases): Route {
  return route({
    method: 'POST',
    path: '/members',
    summary: 'Register a member',
    headers: ['Idempotency-Key'],
    body: z.object(registrationFields),
    answers: {
      201: { description: 'Registered.', schema: memberSchema, headers: { Location: 'Where the member is.' } },
    },
    problems: ['member-already-exists', 'idempotency-key-reused'],
    handle: async (request) => {
      const { id, name, email } = request.body;
      const member = await registerMember.execute(id, name, email, keyed(request, 'POST', '/members'));
      if (isMisuse(member)) return problem(member.misused);
      return isRefusal(member) ? member : { status: 201, body: member, headers: { Location: `/members/${id}` } };
    },
  });
}

function listing({ list }: MemberUseCases): Route {
  return route({
    method: 'GET',
    path: '/members',
    summary: 'List the members, by id',
    query: z.object(pageQuery(memberIdSchema)),
    answers: { 200: { description: 'One page of them.', schema: pageOf(memberSchema) } },
    handle: async ({ query: { limit, cursor } }) => {
      const found = await list.list({ limit: limit + 1, ...(cursor === undefined ? {} : { after: cursor }) });
      return { status: 200, body: pageFrom(found, limit, ({ id }) => id) };
    },
  });
}

function reading({ members }: MemberUseCases): Route {
  return route({
    method: 'GET',
    path: '/members/{id}',
    summary: 'Read one member',
    params: oneMember,
    answers: { 200: { description: 'The member.', schema: memberSchema } },
    problems: ['member-not-found'],
    handle: async ({ params: { id } }) => {
      const member = (await members.read(id))?.member;
      return member ? { status: 200, body: member.snapshot() } : refuse('member-not-found');
    },
  });
}

function closing({ closeMember }: MemberUseCases): Route {
  return route({
    method: 'PUT',
    path: '/members/{id}/closure',
    summary: 'Close a membership',
    description: 'Nothing more is rented to it, and what is out may still come back. Doing it again changes nothing.',
    params: oneMember,
    answers: { 200: { description: 'The member as it is now.', schema: memberSchema } },
    problems: ['member-not-found'],
    handle: async ({ params: { id } }) => {
      const closed = await closeMember.execute(id);
      return isRefusal(closed) ? closed : { status: 200, body: closed };
    },
  });
}

function readingPoints({ members, ledger }: MemberUseCases): Route {
  return route({
    method: 'GET',
    path: '/members/{id}/points',
    summary: 'Read a member’s points, and how they came about',
    params: oneMember,
    query: z.object(pageQuery(textSchema(200))),
    answers: {
      200: {
        description: 'The balance, and one page of the ledger, the newest entry first.',
        schema: pageOf(entrySchema).extend({ balance: balanceSchema }),
      },
    },
    problems: ['member-not-found'],
    handle: async ({ params: { id }, query: { limit, cursor } }) => {
      const record = await members.read(id);
      if (!record?.member) return refuse('member-not-found');

      const page = { limit: limit + 1, ...(cursor === undefined ? {} : { before: cursor }) };
      const found = await newestEntries(ledger, id, record, page);
      const entries = pageFrom(found.map(entryShape), limit, (last) => last.id);
      return { status: 200, body: { balance: record.member.snapshot().points, ...entries } };
    },
  });
}

/** What has left the record, which was read first, may still be on its way to the ledger. */
async function newestEntries(
  ledger: Archive,
  member: MemberId,
  { outbox }: MemberRecord,
  page: { readonly limit: number; readonly before?: string },
): Promise<readonly DatedEntry[]> {
  const arrived = (await ledger.list('ledger', member, page)) as readonly DatedEntry[];
  const onTheWay = outbox.leaving
    .map(({ document }) => document as DatedEntry)
    .filter(({ id }) => page.before === undefined || id < page.before);
  const byId = new Map([...arrived, ...onTheWay].map((entry) => [entry.id, entry]));
  return [...byId.values()].toSorted((one, other) => (one.id < other.id ? 1 : -1)).slice(0, page.limit);
}

function adjusting({ adjustPoints }: MemberUseCases): Route {
  return route({
    method: 'POST',
    path: '/members/{id}/adjustments',
    summary: 'Add points by hand',
    description: 'They are never taken away by hand.',
    params: oneMember,
    headers: ['Idempotency-Key'],
    body: z.object({
      points: z.int().positive().max(MOST_POINTS_AT_ONCE),
      reason: textSchema(500),
      actor: textSchema(100).meta({ description: 'Who adds them.' }),
    }),
    answers: {
      201: { description: 'Added.', schema: z.object({ balance: balanceSchema, entry: entrySchema }) },
    },
    problems: ['member-not-found', 'idempotency-key-reused'],
    handle: async (request) => {
      const { id } = request.params;
      const asked = keyed(request, 'POST', `/members/${id}/adjustments`);
      const adjusted = await adjustPoints.execute(id, request.body, asked);
      if (isMisuse(adjusted)) return problem(adjusted.misused);
      if (isRefusal(adjusted)) return adjusted;
      return { status: 201, body: { balance: adjusted.points, entry: entryShape(adjusted.entry) } };
    },
  });
}
