import type { Collection } from 'mongodb';
import { isDuplicateKey, translated } from '@library/shared-kernel/mongodb/mongo-fault';
import type { ServiceDatabase } from '@library/shared-kernel/mongodb/service-database';
import type { CurrentGeneration } from '../../../application/ports';

interface GenerationDocument {
  readonly _id: string;
  readonly number: number;
}

const CURRENT = 'current';

/** One document, whose number only grows. */
export class MongoCurrentGeneration implements CurrentGeneration {
  private readonly documents: Collection<GenerationDocument>;

  constructor(database: Pick<ServiceDatabase, 'collection'>) {
    this.documents = database.collection('current_generation');
  }

  async read(): Promise<number> {
    return (await translated(this.documents.findOne({ _id: CURRENT })))?.number ?? 1;
  }

  async choose(generation: number): Promise<void> {
    await translated(this.begin());
    await translated(this.documents.updateOne({ _id: CURRENT }, { $max: { number: generation } }));
  }

  private async begin(): Promise<void> {
    try {
      await this.documents.insertOne({ _id: CURRENT, number: 1 });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
}
