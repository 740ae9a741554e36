import type { Left, Portions } from './evidence';

/** What comes by ascending id, read as far as somebody else has come. */
export class Ascending<Entry> {
  private readonly portions: AsyncIterator<readonly Left<Entry>[]>;
  private ahead: readonly Left<Entry>[] = [];

  constructor(portions: Portions<Left<Entry>>) {
    this.portions = portions[Symbol.asyncIterator]();
  }

  /** All that come next, up to this id; all there are when it is undefined. */
  async through(id: string | undefined): Promise<readonly Left<Entry>[]> {
    const found: Left<Entry>[] = [];
    for (;;) {
      const beyond = id === undefined ? -1 : this.ahead.findIndex((entry) => entry.id > id);
      found.push(...(beyond < 0 ? this.ahead : this.ahead.slice(0, beyond)));
      this.ahead = beyond < 0 ? [] : this.ahead.slice(beyond);
      if (beyond >= 0) return found;

      const next = await this.portions.next();
      if (next.done) return found;
      this.ahead = next.value;
    }
  }
}
