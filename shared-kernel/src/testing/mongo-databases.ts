import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { ServiceDatabase } from '../mongodb/service-database';
import type { DatabaseSettings } from '../mongodb/service-database';

// oxlint-disable-next-line node/no-process-env -- a whole run of Jest and its specs share nothing else
const ENVIRONMENT = process.env;

/**
 * Describes what needs a MongoDB server. Where none is to be had, it says so and leaves it out; where the environment
 * requires one, that is a failure.
 */
export function describeWithMongo(name: string, specify: (url: string) => void): void {
  const url = ENVIRONMENT['MONGO_URL'];
  if (url !== undefined) {
    describe(name, () => specify(url));
    return;
  }
  if (ENVIRONMENT['REQUIRE_INFRA'] === '1') {
    it(`${name}: needs MongoDB`, () => {
      throw new Error('MONGO_URL is not set, and REQUIRE_INFRA=1 says that MongoDB is expected.');
    });
    return;
  }
  describe.skip(`${name} (left out: MONGO_URL is not set)`, () => specify('mongodb://127.0.0.1:1'));
}

/** The databases of one test, dropped afterwards; each opening is one more process. */
export class Databases {
  private readonly opened: ServiceDatabase[] = [];
  readonly name = `test_${randomUUID().replaceAll('-', '')}`;

  constructor(private readonly url: string) {}

  open(settings: DatabaseSettings, url = this.url): ServiceDatabase {
    const database = ServiceDatabase.open(url, this.name, { allowStandalone: true, ...settings });
    this.opened.push(database);
    return database;
  }

  /** Closes one before the others. */
  async close(database: ServiceDatabase): Promise<void> {
    this.opened.splice(this.opened.indexOf(database), 1);
    await database.close();
  }

  async remove(): Promise<void> {
    await Promise.allSettled(this.opened.splice(0).map((database) => database.close()));
    const client = new MongoClient(this.url);
    await client.db(this.name).dropDatabase();
    await client.close();
  }
}
