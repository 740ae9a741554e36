import type { z } from 'zod';
import { idNameSchema, itemSchema, memberNameSchema, titleSchema } from '../contracts/bodies';

/** Names that we are told over HTTP, and take as they are given. What comes in events or was stored before may be blank. */

const notBlank = (name: z.ZodString) => name.regex(/\S/u, 'Blanks alone are no name.');

export const givenMemberName = notBlank(memberNameSchema);
export const givenTitle = notBlank(titleSchema);

export const givenIdName = idNameSchema.extend({ name: givenMemberName });
export const givenItem = itemSchema.extend({ title: givenTitle });
