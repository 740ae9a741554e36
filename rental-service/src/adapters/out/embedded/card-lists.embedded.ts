import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import { memberId } from '@library/shared-kernel/domain/identifiers';
import type { MemberId } from '@library/shared-kernel/domain/identifiers';
import type { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import type { Saga } from '@library/shared-kernel/saga/saga';
import type { CardLists, Page } from '../../../application/ports';
import { rentalKind } from '../../../application/rental-kind';
import type { StoredRental } from '../../../application/rental-record';
import type { RentalCardState } from '../../../domain/rental-card';

interface Row {
  readonly id: string;
  readonly body: string;
}

/** The members' cards, selected by the columns that are kept beside each record. */
export class EmbeddedCardLists implements CardLists {
  constructor(private readonly file: Pick<ServiceFile, 'rows'>) {}

  async list({ overdue }: { readonly overdue?: boolean }, page: Page): Promise<readonly RentalCardState[]> {
    return (await this.select(overdue ? 'overdue = 1' : 'true', page)).flatMap(({ body }) => stored(body).card ?? []);
  }

  async findLate(today: LocalDate, page: Page): Promise<readonly MemberId[]> {
    return (await this.select('late_on <= ?', page, today)).map(({ id }) => memberId(id));
  }

  async listUnarchived(page: Page): Promise<readonly { readonly member: MemberId; readonly sagas: readonly Saga[] }[]> {
    // What has ended leaves its record with the change that ends it.
    return (await this.select('due_at IS NOT NULL', page)).map(({ id, body }) => ({
      member: memberId(id),
      sagas: Object.values(stored(body).sagas),
    }));
  }

  private select(
    condition: string,
    { limit, after = '' }: Page,
    ...values: readonly string[]
  ): Promise<readonly Row[]> {
    const sql = `SELECT id, body FROM ${rentalKind.name} WHERE ${condition} AND id > ? ORDER BY id LIMIT ?`;
    return this.file.rows<{ id: string; body: string }>(sql, ...values, after, limit);
  }
}

function stored(body: string): StoredRental {
  return JSON.parse(body) as StoredRental;
}
