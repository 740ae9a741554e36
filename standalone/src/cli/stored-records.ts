import type { RentalCards } from '@library/rental-service/application/ports';
import { rentalKind } from '@library/rental-service/application/rental-kind';
import type { RentalRecord } from '@library/rental-service/application/rental-record';
import type { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import type { OutgoingMessage } from '@library/shared-kernel/messaging/event-message';
import { Outbox } from '@library/shared-kernel/outbox/outbox';
import { Entries } from '@library/shared-kernel/store/entries';
import { Fault } from '@library/shared-kernel/store/fault';
import type { WaitingRecord } from '@library/shared-kernel/store/records';
import type { Publisher } from '@library/shared-kernel/operations/outbox-routes';
import type { Evidence, Portions, Waiting } from '../verify/evidence';
import { DataFolder } from '../verify/folder-evidence';

/** The members' cards in a file that is only read. */
export class ReadOnlyCards implements RentalCards {
  constructor(private readonly file: Pick<SqlFile, 'statement'>) {}

  change(): Promise<never> {
    return Promise.reject(new Fault('read-only', 'The folder is only looked at.', false));
  }

  async read(id: string): Promise<RentalRecord | undefined> {
    const [row] = this.file.statement<{ body: string }>(`SELECT body FROM ${rentalKind.name} WHERE id = ?`).all(id);
    return (
      row &&
      rentalKind.open(
        id,
        row.body === '' ? undefined : JSON.parse(row.body),
        new Outbox(),
        new Entries(new Set(), new Map()),
      )
    );
  }

  async findByAlias(alias: string): Promise<string | undefined> {
    const sql = `SELECT id, aliases FROM ${rentalKind.name} WHERE aliases <> ''`;
    return this.file
      .statement<{ id: string; aliases: string }>(sql)
      .all()
      .find(({ aliases }) => (JSON.parse(aliases) as string[]).includes(alias))?.id;
  }

  async findDue(): Promise<readonly string[]> {
    return [];
  }

  async findWaiting(): Promise<readonly WaitingRecord[]> {
    return [];
  }

  async findExpiredEntries(): Promise<readonly never[]> {
    return [];
  }
}

/** The services whose files lie in the folder, with what waits there to be published. */
export function publishersIn(folder: string): readonly Publisher[] {
  const publisher = (name: string, recordsOf: (evidence: Evidence) => Portions<WaitingRecord>): Publisher => ({
    name,
    operations: { findWaiting: (limit) => findWaiting(folder, recordsOf, limit) },
  });
  return [
    publisher('rental-service', (evidence) => waitingIn(evidence.cards(), ({ member }) => member)),
    publisher('book-service', (evidence) => waitingIn(evidence.books(), ({ id }) => id)),
    publisher('member-service', (evidence) => waitingIn(evidence.members(), ({ id }) => id)),
    publisher('bestbook-service', (evidence) => waitingIn(evidence.rentCounts(), ({ id }) => id)),
  ];
}

async function* waitingIn<Item extends { readonly waiting: Waiting }>(
  portions: Portions<Item>,
  idOf: (item: Item) => string,
): Portions<WaitingRecord> {
  for await (const items of portions) {
    yield items
      .filter(({ waiting }) => waiting.messages.length > 0)
      .map((item) => ({ id: idOf(item), waiting: item.waiting.messages }));
  }
}

async function findWaiting(
  folder: string,
  recordsOf: (evidence: Evidence) => Portions<WaitingRecord>,
  limit: number,
): Promise<readonly WaitingRecord[]> {
  const opened = DataFolder.open(folder);
  try {
    return await opened.look(async (evidence) => {
      const found: WaitingRecord[] = [];
      for await (const records of recordsOf(evidence)) found.push(...records);
      return found.toSorted((one, other) => oldest(one.waiting) - oldest(other.waiting)).slice(0, limit);
    });
  } finally {
    opened.close();
  }
}

function oldest(waiting: readonly OutgoingMessage[]): number {
  return Math.min(...waiting.map(({ time }) => time));
}
