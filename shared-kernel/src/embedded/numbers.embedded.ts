import type { Numbers } from '../store/records';
import type { GroupCommit, Stage } from './group-commit';
import type { JournaledFile } from './journaled-file';

export const NUMBERS_TABLE = 'CREATE TABLE numbers (name TEXT NOT NULL PRIMARY KEY, last INTEGER NOT NULL);';

/** A counter. No number is left out, which people like to see. */
export class EmbeddedNumbers implements Numbers {
  private stored: number;
  private last: number;
  private readonly stage: Stage = {
    write: () => {
      this.file.change(
        'numbers',
        'INSERT INTO numbers (name, last) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET last = excluded.last',
        this.name,
        this.last,
      );
    },
    stored: () => {
      this.stored = this.last;
    },
    undone: () => {
      this.last = this.stored;
    },
  };

  constructor(
    private readonly file: JournaledFile,
    private readonly commits: GroupCommit,
    private readonly name: string,
  ) {
    const [row] = file.statement<{ last: number }>('SELECT last FROM numbers WHERE name = ?').all(name);
    this.stored = row?.last ?? 0;
    this.last = this.stored;
  }

  next(): Promise<number> {
    return this.commits.submit({
      run: (transaction) => {
        transaction.join(this.stage);
        this.last += 1;
        return this.last;
      },
    });
  }
}
