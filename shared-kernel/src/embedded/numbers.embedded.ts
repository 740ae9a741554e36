import type { Numbers } from '../store/records';
import type { GroupCommit, Stage } from './group-commit';
import type { SqlFile } from './sql-file';

export const NUMBERS_TABLE = 'CREATE TABLE numbers (name TEXT NOT NULL PRIMARY KEY, last INTEGER NOT NULL);';

/** A counter. A number is only given out when it is durable, and no number is left out, which people like to see. */
export class EmbeddedNumbers implements Numbers {
  private durable: number;
  private last: number;
  private readonly stage: Stage = {
    write: () => {
      this.file
        .statement(
          'INSERT INTO numbers (name, last) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET last = excluded.last',
        )
        .run(this.name, this.last);
    },
    stored: () => {
      this.durable = this.last;
    },
    undone: () => {
      this.last = this.durable;
    },
  };

  constructor(
    private readonly file: SqlFile,
    private readonly commits: GroupCommit,
    private readonly name: string,
  ) {
    const [row] = file.statement<{ last: number }>('SELECT last FROM numbers WHERE name = ?').all(name);
    this.durable = row?.last ?? 0;
    this.last = this.durable;
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
