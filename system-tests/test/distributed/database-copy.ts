import type { Whereabouts } from '@library/infra/whereabouts';
import { ServiceDatabase } from '@library/shared-kernel/mongodb/service-database';
import { SystemClock } from '@library/shared-kernel/time/system-clock';

type Documents = ReadonlyMap<string, readonly object[]>;

/** What the services had stored at one moment; taken and put back while nothing of them runs. */
export class DatabaseCopy {
  private constructor(
    private readonly whereabouts: Required<Whereabouts>,
    private readonly taken: ReadonlyMap<string, Documents>,
  ) {}

  static async take(whereabouts: Required<Whereabouts>): Promise<DatabaseCopy> {
    const taken = new Map<string, Documents>();
    for (const service of ['rental', 'book', 'member', 'bestbook']) {
      taken.set(service, await within(whereabouts, service, (database) => documentsIn(database)));
    }
    return new DatabaseCopy(whereabouts, taken);
  }

  /** Those of some services only, where they are named. */
  async putBack(services: readonly string[] = [...this.taken.keys()]): Promise<void> {
    for (const service of services) {
      const documents = this.taken.get(service)!;
      await within(this.whereabouts, service, async (database) => {
        for (const { collectionName } of await database.collections()) {
          const collection = database.collection(collectionName);
          await collection.deleteMany({});
          const before = documents.get(collectionName) ?? [];
          if (before.length > 0) await collection.insertMany([...before]);
        }
      });
    }
  }
}

type Database = ReturnType<ServiceDatabase['client']['db']>;

async function documentsIn(database: Database): Promise<Documents> {
  const collections = await database.collections();
  return new Map(
    await Promise.all(
      collections.map(async (collection) => [collection.collectionName, await collection.find().toArray()] as const),
    ),
  );
}

async function within<Answer>(
  { mongoUrl, database }: Required<Whereabouts>,
  service: string,
  work: (database: Database) => Promise<Answer>,
): Promise<Answer> {
  const name = `${database}_${service}`;
  const opened = ServiceDatabase.open(mongoUrl, name, { clock: new SystemClock() });
  try {
    return await work(opened.client.db(name));
  } finally {
    await opened.close();
  }
}
