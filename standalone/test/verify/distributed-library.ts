import { bestBookProgram } from '@library/bestbook-service/program';
import { bookProgram } from '@library/book-service/program';
import { Kafka } from '@library/infra/kafka';
import { MongoServer } from '@library/infra/mongo-server';
import { memberProgram } from '@library/member-service/program';
import { rentalProgram } from '@library/rental-service/program';
import { ServiceProcess } from '@library/shared-kernel/distributed/service-process';
import { KafkaMessageLog } from '@library/shared-kernel/kafka/message-log.kafka';
import { readEnvironment } from '@library/shared-kernel/service/environment';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { deploymentAddress, type DeploymentAddress } from '@library/standalone/verify/deployment';
import { verifyDistributed } from '@library/standalone/verify/verify-distributed';
import { MongoClient } from 'mongodb';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const silent = () => undefined;
const NOBODY_LISTENS = { info: silent, warn: silent, error: silent };
const ZONE = 'Asia/Seoul';

const PROGRAMS = { rental: rentalProgram, book: bookProgram, member: memberProgram, bestbook: bestBookProgram };
export type ServiceName = keyof typeof PROGRAMS;
const NAMES = Object.keys(PROGRAMS) as readonly ServiceName[];

export interface Answer {
  readonly status: number;
  readonly body: { readonly id?: string; readonly sagaId?: string; readonly status?: string; readonly no?: number };
}

/** A document of any collection. */
export type Stored = Record<string, unknown> & { _id: string };

/** The four services in this process, on a broker and a MongoDB-wire server of their own. */
export class DistributedLibrary {
  private readonly running = new Map<ServiceName, { readonly service: ServiceProcess; readonly port: number }>();
  private readonly client: MongoClient;
  private copies = 0;

  private constructor(
    private readonly folder: string,
    private readonly kafka: Kafka,
    private readonly mongo: MongoServer,
  ) {
    this.client = new MongoClient(mongo.url, { ignoreUndefined: true });
  }

  static async start(): Promise<DistributedLibrary> {
    const folder = mkdtempSync(join(tmpdir(), 'library-distributed-'));
    const library = new DistributedLibrary(folder, await Kafka.start({ folder }), await MongoServer.start({ folder }));
    for (const name of NAMES) await library.run(name);
    return library;
  }

  variables(database = 'library'): Readonly<Record<string, string>> {
    return {
      MODE: 'distributed',
      KAFKA_BROKERS: this.kafka.brokers.join(','),
      MONGO_URL: this.mongo.url,
      MONGO_DATABASE: database,
      MONGO_ALLOW_STANDALONE: 'true',
      LIBRARY_ZONE: ZONE,
      HTTP_PORT: '0',
    };
  }

  async run(name: ServiceName): Promise<void> {
    const environment = readEnvironment(this.variables());
    const service = new ServiceProcess(PROGRAMS[name], environment, NOBODY_LISTENS);
    const port = await service.start((error) => {
      throw error;
    });
    this.running.set(name, { service, port });
    await until(`${name} is ready`, async () => (await this.ask(name, 'GET', '/health/ready')).status === 200);
  }

  async end(name: ServiceName): Promise<void> {
    await this.running.get(name)?.service.stop(5_000);
    this.running.delete(name);
  }

  async ask(
    name: ServiceName,
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const answer = await fetch(`http://127.0.0.1:${this.running.get(name)!.port}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Answer['body'] };
  }

  /** Registers members, and books from 1. */
  async stock(members: readonly string[], books: number): Promise<void> {
    for (const id of members)
      await this.ask('member', 'POST', '/members', { id, name: id, email: `${id}@example.org` });
    for (let book = 1; book <= books; book++) {
      await this.ask('book', 'POST', '/books', {
        title: `Volume ${book}`,
        author: 'N. N.',
        isbn: '9788900000000',
        classification: 'LITERATURE',
        source: 'SUPPLY',
        location: 'PANGYO',
      });
    }
  }

  rent(member: string, no: number, headers: Readonly<Record<string, string>> = { Prefer: 'wait=20' }): Promise<Answer> {
    const body = { memberName: member, item: { no, title: `Volume ${no}` } };
    return this.ask('rental', 'POST', `/rental-cards/${member}/rentals`, body, headers);
  }

  giveBack(
    member: string,
    no: number,
    headers: Readonly<Record<string, string>> = { Prefer: 'wait=20' },
  ): Promise<Answer> {
    return this.ask('rental', 'POST', `/rental-cards/${member}/returns`, { item: { no } }, headers);
  }

  address(database?: string): DeploymentAddress {
    return deploymentAddress(readEnvironment(this.variables(database)));
  }

  verify(database?: string, pauseMs = 20) {
    return verifyDistributed(this.address(database), { zone: ZONE, pauseMs });
  }

  /** A copy of all that is stored, for a test to damage; the topics are the same. Answers what its databases' names begin with. */
  async copy(): Promise<string> {
    const copy = `copy${++this.copies}`;
    for (const name of NAMES) {
      const from = this.client.db(`library_${name}`);
      for (const { name: collection } of await from.listCollections().toArray()) {
        const documents = await from.collection(collection).find().toArray();
        if (documents.length > 0) await this.client.db(`${copy}_${name}`).collection(collection).insertMany(documents);
      }
    }
    return copy;
  }

  /** Throws when nothing is changed: then the test would prove nothing. `change` answers undefined to delete. */
  async damage(
    database: string,
    name: ServiceName,
    collection: string,
    id: RegExp,
    change: (document: Stored) => Stored | undefined,
  ): Promise<void> {
    const documents = this.client.db(`${database}_${name}`).collection<Stored>(collection);
    const found = (await documents.find().toArray()).filter((document) => id.test(idOf(document)));
    for (const document of found) {
      const changed = change(structuredClone(document));
      await documents.deleteOne({ _id: idOf(document) });
      if (changed) await documents.insertOne(changed);
    }
    if (found.length === 0) throw new Error(`No ${id} is in ${collection}.`);
  }

  async add(database: string, name: ServiceName, collection: string, document: Stored): Promise<void> {
    await this.client.db(`${database}_${name}`).collection<Stored>(collection).insertOne(document);
  }

  async all(database: string, name: ServiceName, collection: string): Promise<readonly Stored[]> {
    return await this.client.db(`${database}_${name}`).collection<Stored>(collection).find().toArray();
  }

  /** As if somebody had published it. */
  async publish(topic: string, headers: Readonly<Record<string, string>>): Promise<void> {
    const log = new KafkaMessageLog({
      ...this.address().kafka,
      clientId: 'somebody',
      clock: new SystemClock(),
      random: Math.random,
      logger: NOBODY_LISTENS,
      onFailure: silent,
    });
    await log.publish([{ topic, key: 'x', value: Buffer.from('{}'), headers, time: Date.now() }]);
    await log.close();
  }

  async throwAway(): Promise<void> {
    await Promise.all(NAMES.map((name) => this.end(name)));
    await this.client.close();
    await this.mongo.stop();
    await this.kafka.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const idOf = ({ _id: id }: Stored) => id;

export async function until(what: string, holds: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  for (const end = Date.now() + withinMs; !(await holds()); await pause(100))
    if (Date.now() > end) throw new Error(`In vain was it waited until ${what}.`);
}
