import type { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import type { CurrentGeneration } from '../../../application/ports';

/** One row in the service's file. */
export class EmbeddedCurrentGeneration implements CurrentGeneration {
  constructor(private readonly file: Pick<SqlFile, 'statement'>) {
    file.statement('CREATE TABLE IF NOT EXISTS current_generation (number INTEGER NOT NULL)').run();
  }

  async read(): Promise<number> {
    const [row] = this.file.statement<{ number: number }>('SELECT max(number) AS number FROM current_generation').all();
    return row?.number ?? 1;
  }

  async choose(generation: number): Promise<void> {
    this.file.statement('INSERT INTO current_generation (number) VALUES (?)').run(generation);
  }
}
