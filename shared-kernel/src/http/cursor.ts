import { z } from 'zod';
import { wholeNumberParam } from './parameters';

const DEFAULT_LIMIT = 20;
const MOST = 100;

/** One page of a list; `next` is the cursor of the one that follows, and absent on the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

/** The fields of a list's query: `limit`, and `cursor`, which is read back into the position that `cursorTo` was given. */
export function pageQuery<Position extends z.ZodType>(position: Position) {
  return {
    limit: wholeNumberParam(1, MOST)
      .default(DEFAULT_LIMIT)
      .meta({ description: 'Items on a page.', default: DEFAULT_LIMIT }),
    cursor: z
      .string()
      .transform((cursor, context): z.output<Position> => {
        const read = position.safeParse(decoded(cursor));
        if (read.success) return read.data;
        context.addIssue('This list gave out no such cursor. Leave it out to begin at the start.');
        return z.NEVER;
      })
      .optional()
      .meta({ description: 'Where to go on: `next` of the page before.' }),
  };
}

/** An answer that is a page of these. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().optional() });
}

/** A page of what was found when one more than `limit` was looked for: that one tells whether there is another page. */
export function pageFrom<Item>(found: readonly Item[], limit: number, positionOf: (last: Item) => unknown) {
  const items = found.slice(0, limit);
  return found.length > limit ? { items, next: cursorTo(positionOf(items.at(-1)!)) } : { items };
}

/** Opaque to clients, so that what it is made of may change. */
export function cursorTo(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function decoded(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
