import type { Page } from './answers';
import type { Call } from './call';
import { misused } from './exit';
import type { AskedFor } from './library-api';

const MOST_ON_A_PAGE = 100;

export const LIMIT_OPTION = { limit: { takes: 'N', says: 'Show so many; 20 when left out.' } } as const;

/** As many of a list as `--limit` says; `next` when there are more. */
export async function listed<Item>(call: Call, path: string, query: AskedFor['query'] = {}, get: 'get' | 'look' = 'get'): Promise<Page<Item>> {
  const limit = wholeNumber(call.text('limit') ?? '20', '--limit', 1);
  const items: Item[] = [];
  let next: string | undefined;
  do {
    const onPage = Math.min(limit - items.length, MOST_ON_A_PAGE);
    const page: Page<Item> = await call[get]<Page<Item>>(path, { ...query, limit: onPage, cursor: next });
    items.push(...page.items);
    next = page.next;
  } while (next !== undefined && items.length < limit);
  return next === undefined ? { items } : { items, next };
}

/** Ends a list that is not complete. */
export function andMore({ next }: Page<unknown>): string {
  return next === undefined ? '' : '\n… there are more: --limit shows them.';
}

/** Throws CannotDo when the text is no whole number, or below `least`. */
export function wholeNumber(text: string, what: string, least = 0): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least)) misused(`${what} is "${text}", and must be a whole number from ${least} on.`);
  return number;
}
