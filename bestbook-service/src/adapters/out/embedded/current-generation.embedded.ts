import type { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import type { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import type { CurrentGeneration } from '../../../application/ports';

/** Two tables in the service's file. */
export class EmbeddedCurrentGeneration implements CurrentGeneration {
  constructor(private readonly file: Pick<ServiceFile, 'exclusively' | 'createMissing'>) {
    file.createMissing('CREATE TABLE IF NOT EXISTS current_generation (number INTEGER NOT NULL)');
    file.createMissing('CREATE TABLE IF NOT EXISTS begun_generation (number INTEGER NOT NULL)');
  }

  async read(): Promise<number> {
    return this.file.exclusively((file) => newest(file, 'current_generation'));
  }

  async begin(): Promise<number> {
    return this.file.exclusively((file) => {
      const next = Math.max(newest(file, 'begun_generation'), newest(file, 'current_generation')) + 1;
      file.statement('INSERT INTO begun_generation (number) VALUES (?)').run(next);
      return next;
    });
  }

  async choose(generation: number): Promise<void> {
    await this.file.exclusively((file) =>
      file.statement('INSERT INTO current_generation (number) VALUES (?)').run(generation),
    );
  }
}

function newest(file: Pick<SqlFile, 'statement'>, table: string): number {
  const [row] = file.statement<{ number: number | null }>(`SELECT max(number) AS number FROM ${table}`).all();
  return row?.number ?? 1;
}
