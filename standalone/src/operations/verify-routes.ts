import { route, type Route } from '@library/shared-kernel/http/routes';
import { z } from 'zod';
import type { VerifyReport } from '../verify/report';

const reportSchema = z
  .object({
    ok: z.boolean().meta({ description: 'Every invariant holds.' }),
    quiescent: z.boolean().meta({ description: 'Nothing is in flight, and nothing waits to be published.' }),
    checks: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        looked: z.int().meta({ description: 'How many things it looked at.' }),
        offenders: z.array(z.string()).meta({ description: 'What breaks it; empty when all is well.' }),
      }),
    ),
    notes: z.array(z.string()).meta({ description: 'What a person may want to know, and that is no offence.' }),
  })
  .meta({ id: 'VerifyReport', description: 'Whether everything is as it must be.' });

/** Asking whether everything is as it must be. */
export function verifyRoutes(verify: () => Promise<VerifyReport>): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/ops/verify',
      summary: 'Check the invariants: whether cards, books, points and counts agree',
      description: 'Reads everything there is. What seems wrong is looked at again, and counts when it stays so.',
      answers: { 200: { description: 'What was found, well or not.', schema: reportSchema } },
      handle: async () => ({ status: 200, body: reportShape(await verify()) }),
    }),
  ];
}

function reportShape({ ok, quiescent, checks, notes }: VerifyReport): z.input<typeof reportSchema> {
  return {
    ok,
    quiescent,
    checks: checks.map(({ id, title, looked, offenders }) => ({ id, title, looked, offenders: [...offenders] })),
    notes: [...notes],
  };
}
