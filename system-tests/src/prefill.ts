import type { Client } from './client';

/** What a library is filled with. */
export interface Population {
  readonly members: number;
  readonly books: number;
}

/** Registers members m1, m2 … and books 1, 2 …; the library must be empty. Rejects when it refuses one. */
export async function prefill(calls: Pick<Client, 'post'>, { members, books }: Population): Promise<void> {
  await inParallel(64, members, (at) =>
    expectCreated(
      calls.post('/members', { id: `m${at + 1}`, name: `회원 ${at + 1}`, email: `m${at + 1}@example.org` }),
    ),
  );
  await inParallel(64, books, (at) =>
    expectCreated(
      calls.post('/books', {
        title: `책 ${at + 1}`,
        author: '저자',
        isbn: '9788970849782',
        classification: 'LITERATURE',
        source: 'SUPPLY',
        location: 'PANGYO',
      }),
    ),
  );
}

async function inParallel(lanes: number, many: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      while (next < many) await work(next++);
    }),
  );
}

async function expectCreated(answer: Promise<{ readonly status: number; readonly body: unknown }>): Promise<void> {
  const { status, body } = await answer;
  if (status !== 201) throw new Error(`Expected 201, was answered ${status}: ${JSON.stringify(body)}`);
}
