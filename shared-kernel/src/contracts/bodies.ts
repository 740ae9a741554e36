import { z } from 'zod';
import { bookNo, memberId } from '../domain/identifiers';

/** Plain ASCII, so that no two ids look alike and none needs escaping in a path or a topic key. */
export const MEMBER_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const memberIdSchema = z
  .string()
  .regex(
    MEMBER_ID,
    'A member id has 1 to 64 letters, digits, dots, hyphens or underscores, and begins with a letter or digit.',
  )
  .transform(memberId);

export const bookNoSchema = z.int().positive().transform(bookNo);

/** Text that people read: neither control characters nor half a surrogate pair, which no store keeps as it is. */
export const textSchema = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'Neither control characters nor halves of surrogate pairs can be part of a text.');

export const memberNameSchema = textSchema(100);
export const titleSchema = textSchema(300);

export const idNameSchema = z.object({ id: memberIdSchema, name: memberNameSchema });
export const itemSchema = z.object({ no: bookNoSchema, title: titleSchema });
export const pointSchema = z.int().nonnegative();

/** Body of whatever happens to an item on a member's card. */
export const itemBodySchema = z.object({ idName: idNameSchema, item: itemSchema, point: pointSchema });

/** Body of whatever happens to a member's overdue card. */
export const cardBodySchema = z.object({ idName: idNameSchema, point: pointSchema });

/** A refusal code; a reader takes any, because a newer participant may know more of them. */
export const reasonSchema = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  .max(60);
