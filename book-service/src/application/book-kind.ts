import type { RecordKind } from '@library/shared-kernel/store/records';
import { BookRecord } from './book-record';
import type { StoredBook } from './book-record';

/** How books are stored; a record that holds only fences has no number to be listed by. */
export const bookKind = {
  name: 'books',
  open: (_id, body, outbox, entries) => new BookRecord(body as StoredBook | undefined, outbox, entries),
  bodyOf: (record) => record.body(),
  columns: { no: 'integer' },
  columnsOf: ({ book }) => ({ no: book?.snapshot().no }),
} as const satisfies RecordKind<BookRecord>;
