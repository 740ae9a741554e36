import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import { rank } from '../domain/ranking';
import type { RankedBook } from '../domain/ranking';
import type { CountsOfAll } from './ports';

/** The most rented books, of all time or of a period. */
export class BestBooks {
  constructor(private readonly counts: CountsOfAll) {}

  async execute(top: number, from?: LocalDate, to?: LocalDate): Promise<readonly RankedBook[]> {
    return rank(await this.counts.mostRented(top, from, to), top);
  }
}
