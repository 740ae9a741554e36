import type { z } from 'zod';
import { idNameSchema, itemSchema, memberNameSchema, titleSchema } from '../contracts/bodies';

/** Over HTTP only: what comes in events, or was stored before, may be blank, and must be readable all the same. */
const notBlank = (name: z.ZodString) => name.regex(/\S/u, 'Blanks alone are no name.');

/** A member's name as somebody gives it; taken with the blanks around it. */
export const givenMemberName = notBlank(memberNameSchema);
/** A title likewise. */
export const givenTitle = notBlank(titleSchema);

/** A member, and a book, as somebody names them. */
export const givenIdName = idNameSchema.extend({ name: givenMemberName });
export const givenItem = itemSchema.extend({ title: givenTitle });
