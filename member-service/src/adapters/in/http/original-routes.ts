import { isRefusal } from '@library/shared-kernel/domain/refusal';
import { keyed } from '@library/shared-kernel/http/asked';
import { wholeNumberParam } from '@library/shared-kernel/http/parameters';
import { problem } from '@library/shared-kernel/http/problem';
import { route, type Route } from '@library/shared-kernel/http/routes';
import { isMisuse } from '@library/shared-kernel/store/kept-answer';
import { z } from 'zod';
import type { MemberState } from '../../../domain/member';
import type { MemberUseCases } from './member-routes';
import { registeredFields, registrationFields } from './member-shapes';

const memberSchema = z
  .object({ memberNo: z.int().positive(), ...registeredFields, point: z.int().nonnegative() })
  .meta({ id: 'OriginalMember', description: 'A member, as the original system shows one.' });

/** The calls of the original system, for the scripts of those who know it. */
export function originalRoutes(useCases: MemberUseCases): readonly Route[] {
  return [registering(useCases), reading(useCases)];
}

function registering({ registerMember }: MemberUseCases): Route {
  return route({
    method: 'POST',
    path: '/api/Member/',
    summary: 'Register a member, as in the original system',
    description: 'A `passWord` may be sent, and is thrown away. Other fields that are not known are ignored.',
    unknownFields: 'ignored',
    headers: ['Idempotency-Key'],
    body: z.object(registrationFields),
    answers: {
      201: { description: 'Registered.', schema: memberSchema, headers: { Location: 'Where the member is.' } },
    },
    problems: ['member-already-exists', 'idempotency-key-reused'],
    handle: async (request) => {
      const { id, name, email } = request.body;
      const member = await registerMember.execute(id, name, email, keyed(request, 'POST', '/api/Member/'));
      if (isMisuse(member)) return problem(member.misused);
      if (isRefusal(member)) return problem(member.refused, { detail: '이미 등록된 회원 아이디입니다.' });
      return { status: 201, body: memberShape(member), headers: { Location: `/api/Member/${member.no}` } };
    },
  });
}

function reading({ list }: MemberUseCases): Route {
  return route({
    method: 'GET',
    path: '/api/Member/{no}',
    summary: 'Read one member by number, as in the original system',
    unknownFields: 'ignored',
    params: z.object({
      no: wholeNumberParam(1, Number.MAX_SAFE_INTEGER).meta({ description: 'The number, not the id, of a member.' }),
    }),
    answers: { 200: { description: 'The member.', schema: memberSchema } },
    problems: ['member-not-found'],
    handle: async ({ params: { no } }) => {
      const member = await list.findByNumber(no);
      if (!member) return problem('member-not-found', { detail: '해당 회원을 찾을 수 없습니다.' });
      return { status: 200, body: memberShape(member) };
    },
  });
}

function memberShape({ no, id, name, email, points }: MemberState): z.input<typeof memberSchema> {
  return { memberNo: no, id, name, email, point: points };
}
