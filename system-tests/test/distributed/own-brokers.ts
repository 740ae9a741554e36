import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka } from '@library/infra/kafka';
import type { Whereabouts } from '@library/infra/whereabouts';
import { newWhereabouts } from '../on-servers';

/** Brokers that nobody else has, so that a test may break them; the database is that of the run. */
export class OwnBrokers {
  private constructor(
    private readonly folder: string,
    readonly kafka: Kafka,
    readonly whereabouts: Required<Whereabouts>,
  ) {}

  static async start(options: { readonly brokers: 1 | 3; readonly proxied?: boolean }): Promise<OwnBrokers> {
    const folder = mkdtempSync(join(tmpdir(), 'own-brokers-'));
    const kafka = await Kafka.start({ folder, ...options });
    return new OwnBrokers(folder, kafka, { ...newWhereabouts(), brokers: kafka.brokers });
  }

  async stop(): Promise<void> {
    await this.kafka.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
