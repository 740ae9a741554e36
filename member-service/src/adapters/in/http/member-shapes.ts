import { memberIdSchema, memberNameSchema, textSchema } from '@library/shared-kernel/contracts/bodies';
import { givenMemberName } from '@library/shared-kernel/http/names';
import { z } from 'zod';
import type { DatedEntry } from '../../../application/member-record';

/** What a member said when registering. */
export const registeredFields = {
  id: memberIdSchema.meta({ description: 'The id the member chose; nobody else has it.', examples: ['jenny'] }),
  name: memberNameSchema,
  email: z.email().max(254),
};

/** What is told of a member who registers. */
export const registrationFields = { ...registeredFields, name: givenMemberName };

export const memberSchema = z
  .object({
    no: z.int().positive().meta({ description: 'Counted from 1, in the order of registration.' }),
    ...registeredFields,
    status: z.enum(['ACTIVE', 'CLOSED']),
    points: z.int().nonnegative(),
  })
  .meta({ id: 'Member', description: 'A member, and the points earned by renting and returning.' });

export const balanceSchema = z.int().nonnegative().meta({ description: 'The sum of the whole ledger.' });

export const entrySchema = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    member: memberIdSchema,
    saga: z.string().optional(),
    step: z.enum(['RENT', 'RETURN', 'OVERDUE', 'ADJUSTMENT']),
    direction: z.enum(['do', 'undo']),
    points: z.int().meta({ description: 'What the balance changed by, below 0 when points were taken or spent.' }),
    reason: textSchema(500).optional(),
    actor: textSchema(100).optional(),
  })
  .meta({ id: 'LedgerEntry', description: 'One line of a member’s points, never changed once written.' });

export function entryShape({ at, ...entry }: DatedEntry): z.input<typeof entrySchema> {
  return { ...entry, at: new Date(at).toISOString() };
}
