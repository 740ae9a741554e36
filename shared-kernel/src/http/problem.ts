import { z } from 'zod';
import type { SagaId } from '../domain/identifiers';
import type { RefusalCode } from '../domain/refusal';
import { Fault } from '../store/fault';
import { KINDS, type EdgeCode, type Kind, type ProblemCode } from './problem-kinds';

/** An RFC 9457 problem document. What else it carries depends on its `code`. */
export interface Problem<Code extends ProblemCode = ProblemCode> {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: Code;
  readonly [extension: string]: unknown;
}

/** Its shape, as the documents describe it. */
export const problemSchema = z
  .looseObject({
    type: z.string().meta({ description: 'A name for the kind of problem, as a URI.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What happened, why, and what to do next.' }),
    code: z.string().meta({ description: 'Stable; the one field for programs to decide by.' }),
    instance: z.string().optional().meta({ description: 'This one occurrence, as the log names it.' }),
    sagaId: z.string().optional().meta({ description: 'The saga that was undone.' }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'What is wrong with the input, one by one.' }),
  })
  .meta({ id: 'Problem', description: 'Why a request was not done (RFC 9457).' });

const typeOf = (code: string) => `urn:library:problem:${code}`;

/** The problem of this kind. `extensions` add to what it says, and may word its `detail` differently. */
export function problem<Code extends ProblemCode>(
  code: Code,
  extensions: Readonly<Record<string, unknown>> & { readonly detail?: string } = {},
): Problem<Code> {
  const { status, title, detail } = KINDS[code];
  return { type: typeOf(code), title, status, detail, code, ...extensions };
}

/** A saga that was begun and undone: always a conflict, whatever the reason. A newer participant may give one we do not know. */
export function undone(reason: string, sagaId: SagaId): Problem<RefusalCode> {
  const why = Object.hasOwn(KINDS, reason) ? KINDS[reason as RefusalCode].detail : `A service refused it: ${reason}.`;
  return {
    type: typeOf(reason),
    title: 'Undone',
    status: 409,
    detail: `${why} What this request had begun has been undone.`,
    code: reason as RefusalCode,
    sagaId,
  };
}

export function isProblem(answer: object): answer is Problem {
  return 'code' in answer && 'detail' in answer;
}

/** In seconds, when waiting may help. */
export function retryAfterOf({ code }: Problem): number | undefined {
  // A reason that only a newer participant knows is not in the table.
  return (KINDS[code] as Kind | undefined)?.retryAfterSeconds;
}

/** Thrown at the edge, before any use case has seen the request. */
export class TurnedAway extends Error {
  override readonly name = 'TurnedAway';

  constructor(readonly answer: Problem) {
    super(answer.detail);
  }
}

export function turnAway(
  code: EdgeCode,
  ...errors: readonly { readonly path: string; readonly message: string }[]
): never {
  throw new TurnedAway(problem(code, errors.length > 0 ? { errors } : {}));
}

/**
 * What a client may know of something thrown. A bug, and a fault that waiting does not cure, show nothing but `incident`,
 * under which they have to be logged.
 */
export function problemOf(thrown: unknown, incident: string): Problem {
  if (thrown instanceof TurnedAway) return thrown.answer;
  if (thrown instanceof URIError)
    return problem('invalid-input', { errors: [{ path: 'path', message: 'Not a valid URL.' }] });
  if (thrown instanceof Fault && thrown.code === 'disk-full') return problem('insufficient-storage');
  if (thrown instanceof Fault && thrown.retryable) return problem('unavailable');

  return problem('bug', { instance: `urn:uuid:${incident}` });
}
