import type { Population } from '@library/system-tests/prefill';
import { loadOfRents } from '../load';
import type { Calls } from '../target';
import type { Figures, System } from './system';

export interface Parts extends Pick<System, 'name' | 'restsOn'> {
  readonly population: Population;
  calls(connections: number): Calls;
  /** So many sagas have completed: half of them rents, and the returns of those. */
  verify(sagas: number): Promise<readonly string[]>;
  stop(): Promise<unknown>;
}

/** A system behind HTTP, under the same load as all others: each client rents book after book, and gives all back. */
export class Served implements System {
  private sagas = 0;

  constructor(private readonly parts: Parts) {}

  get name(): string {
    return this.parts.name;
  }

  get restsOn(): string {
    return this.parts.restsOn;
  }

  async measure(clients: number, seconds: number): Promise<Figures> {
    const calls = this.parts.calls(clients);
    try {
      const figures = await loadOfRents(calls, { clients, seconds, ...this.parts.population });
      this.sagas += 2 * figures.sagas;
      return figures;
    } finally {
      calls.close();
    }
  }

  verify(): Promise<readonly string[]> {
    return this.parts.verify(this.sagas);
  }

  async stop(): Promise<void> {
    await this.parts.stop();
  }
}
