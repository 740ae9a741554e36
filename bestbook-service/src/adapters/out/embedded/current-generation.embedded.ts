import type { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import type { CurrentGeneration } from '../../../application/ports';

/** Two tables in the service's file. */
export class EmbeddedCurrentGeneration implements CurrentGeneration {
  constructor(private readonly file: Pick<SqlFile, 'statement'>) {
    file.statement('CREATE TABLE IF NOT EXISTS current_generation (number INTEGER NOT NULL)').run();
    file.statement('CREATE TABLE IF NOT EXISTS begun_generation (number INTEGER NOT NULL)').run();
  }

  async read(): Promise<number> {
    return this.newest('current_generation');
  }

  async begin(): Promise<number> {
    const next = Math.max(this.newest('begun_generation'), this.newest('current_generation')) + 1;
    this.file.statement('INSERT INTO begun_generation (number) VALUES (?)').run(next);
    return next;
  }

  async choose(generation: number): Promise<void> {
    this.file.statement('INSERT INTO current_generation (number) VALUES (?)').run(generation);
  }

  private newest(table: string): number {
    const [row] = this.file.statement<{ number: number | null }>(`SELECT max(number) AS number FROM ${table}`).all();
    return row?.number ?? 1;
  }
}
