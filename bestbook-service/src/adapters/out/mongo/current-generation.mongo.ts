import type { Collection } from 'mongodb';
import { isDuplicateKey, translated } from '@library/shared-kernel/mongodb/mongo-fault';
import type { ServiceDatabase } from '@library/shared-kernel/mongodb/service-database';
import type { CurrentGeneration } from '../../../application/ports';

interface GenerationDocument {
  readonly _id: string;
  readonly number: number;
}

const CURRENT = 'current';
const BEGUN = 'begun';

/** Two documents, whose numbers only grow. */
export class MongoCurrentGeneration implements CurrentGeneration {
  private readonly documents: Collection<GenerationDocument>;

  constructor(database: Pick<ServiceDatabase, 'collection'>) {
    this.documents = database.collection('current_generation');
  }

  async read(): Promise<number> {
    return (await translated(this.documents.findOne({ _id: CURRENT })))?.number ?? 1;
  }

  async choose(generation: number): Promise<void> {
    await this.raise(CURRENT, generation);
  }

  async begin(): Promise<number> {
    for (;;) {
      await this.raise(BEGUN, await this.read());
      const { number } = (await translated(this.documents.findOne({ _id: BEGUN })))!;
      const next = number + 1;
      const taken = this.documents.updateOne({ _id: BEGUN, number }, { $set: { number: next } });
      // Otherwise another instance was faster.
      if ((await translated(taken)).matchedCount === 1) return next;
    }
  }

  private async raise(id: string, number: number): Promise<void> {
    await translated(this.make(id));
    await translated(this.documents.updateOne({ _id: id }, { $max: { number } }));
  }

  private async make(id: string): Promise<void> {
    try {
      await this.documents.insertOne({ _id: id, number: 1 });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
}
