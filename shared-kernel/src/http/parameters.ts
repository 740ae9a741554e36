import { z } from 'zod';
import { memberIdSchema } from '../contracts/bodies';
import { bookNo, sagaId } from '../domain/identifiers';
import { localDate } from '../domain/local-date';

/** What a path or a query says is text; these read it. */

/** Digits without sign, point, exponent or leading zero: one spelling for each number. */
const asNumber = (text: unknown) =>
  typeof text === 'string' && /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : text;
const asFlag = (text: unknown) => (text === 'true' ? true : text === 'false' ? false : text);

/** Its one reason says all that is wanted: what zod says by itself is about numbers, and this is text. */
function wholeNumber(least: number, most: number) {
  const wanted = `A whole number from ${least} to ${most} is wanted, in plain digits.`;
  return z.int({ error: wanted, abort: true }).min(least, wanted).max(most, wanted);
}

export const memberParam = memberIdSchema.meta({ description: 'The id a member chose.', examples: ['jenny'] });

export const bookNoParam = z
  .preprocess(asNumber, wholeNumber(1, Number.MAX_SAFE_INTEGER).transform(bookNo))
  .meta({ description: 'Number of one copy of a book, from 1.', examples: [7] });

export const sagaParam = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, 'A saga id is a UUID of version 7.')
  .transform(sagaId)
  .meta({ description: 'The id of a saga.', examples: ['01936b2e-7c4d-7a10-8f3e-2b1c0d9e8f7a'] });

export const dayParam = z.iso
  .date('A day has the form YYYY-MM-DD.')
  .transform(localDate)
  .meta({ description: 'A calendar day in the library’s zone.', examples: ['2026-01-15'] });

export const flagParam = z.preprocess(asFlag, z.boolean('Either true or false is wanted.'));

export const wholeNumberParam = (least: number, most: number) => z.preprocess(asNumber, wholeNumber(least, most));

/** Takes other spellings of a field for its own one, which wins when both are there: `{ UserId: 'userId' }`. */
export function alsoSpelled<Schema extends z.ZodType>(spellings: Readonly<Record<string, string>>, schema: Schema) {
  return z.preprocess((body) => {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
    return Object.fromEntries(
      Object.entries(body)
        .filter(([name]) => !Object.hasOwn(body, own(spellings, name) ?? ''))
        .map(([name, value]) => [own(spellings, name) ?? name, value]),
    );
  }, schema);
}

function own(spellings: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(spellings, name) ? spellings[name] : undefined;
}
