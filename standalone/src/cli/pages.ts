import type { Page } from './answers';
import type { Call } from './call';
import { misused } from './exit';
import type { AskedFor } from './library-api';

const MOST_ON_A_PAGE = 100;

export const LIMIT_OPTION = { limit: { takes: 'N', says: 'Show so many; 20 when left out.' } } as const;

/** As many of a list as `--limit` says; `next` when there are more. What else the first page says stays with it. */
export async function listed<Entry, More extends object = object>(
  call: Call,
  path: string,
  query: AskedFor['query'] = {},
  read: 'get' | 'look' = 'get',
): Promise<Page<Entry> & More> {
  const limit = wholeNumber(call.text('limit') ?? '20', '--limit', 1);
  const readPage = (length: number, cursor?: string) => {
    return call[read]<Page<Entry> & More>(path, { ...query, limit: Math.min(limit - length, MOST_ON_A_PAGE), cursor });
  };

  const { next: second, ...first } = await readPage(0);
  const items: Entry[] = [...first.items];
  let next = second;
  while (next !== undefined && items.length < limit) {
    const page: Page<Entry> = await readPage(items.length, next);
    items.push(...page.items);
    next = page.next;
  }
  return { ...first, items, ...(next === undefined ? {} : { next }) } as unknown as Page<Entry> & More;
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
