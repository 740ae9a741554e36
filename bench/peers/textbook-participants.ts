import type { Collection, Db } from 'mongodb';
import { answering, listen } from './rentals';
import type { Totals } from './rentals';
import { databaseAt } from './servers';
import type { Servers } from './servers';
import { consume, Outbox } from './textbook-messages';
import type { Message, Topic } from './textbook-messages';

export type Participant = 'book' | 'member' | 'bestbook';

/** A book, a member or a rent count. */
interface Item {
  readonly _id: string;
  readonly version: number;
  /** Sagas that have had their effect, the latest ones: a message that comes again has none. */
  readonly done: readonly string[];
  readonly holder?: string | null;
  readonly points?: number;
  readonly rents?: number;
}

interface Part {
  readonly topics: readonly Topic[];
  about(message: Message): string;
  effect(topic: Topic, item: Item, message: Message): Partial<Item>;
  totals(items: readonly Item[]): Totals;
}

const REMEMBERED = 20;

const PARTS: Readonly<Record<Participant, Part>> = {
  book: {
    topics: ['rented', 'returned', 'return-confirmed'],
    about: ({ no }) => `${no}`,
    effect: (topic, _, { member }) =>
      topic === 'rented' ? { holder: member } : topic === 'returned' ? {} : { holder: null },
    totals: (books) => ({ lent: books.filter(({ holder }) => typeof holder === 'string').length }),
  },
  member: {
    topics: ['rented', 'returned'],
    about: ({ member }) => member,
    effect: (_, { points = 0 }) => ({ points: points + 10 }),
    totals: (members) => ({ points: members.reduce((sum, { points = 0 }) => sum + points, 0) }),
  },
  bestbook: {
    topics: ['rented'],
    about: ({ no }) => `${no}`,
    effect: (_, { rents = 0 }) => ({ rents: rents + 1 }),
    totals: (counts) => ({ rented: counts.reduce((sum, { rents = 0 }) => sum + rents, 0) }),
  },
};

export async function runParticipant(participant: Participant, servers: Servers): Promise<void> {
  const part = PARTS[participant];
  const db = await databaseAt(servers);
  const items = await filled(participant, db, servers);
  const outbox = await Outbox.start(participant, db, servers);

  await consume(participant, part.topics, servers, async (topic, message) => {
    const step = `${topic} ${message.saga}`;
    const id = part.about(message);
    const item = await items.findOne({ _id: id });
    if (item === null) throw new Error(`${participant} ${id} does not exist`);
    const { version, done } = item;
    if (!done.includes(step)) {
      const effect = part.effect(topic, item, message);
      const { modifiedCount } = await items.updateOne(
        { _id: id, version },
        { $set: { ...effect, version: version + 1, done: [...done, step].slice(-REMEMBERED) } },
      );
      if (modifiedCount !== 1) throw new Error(`${participant} ${id} was changed meanwhile`);
    }
    await outbox.add('result', { ...message, participant });
  });
  listen(answering({ '/totals': async () => part.totals(await items.find().toArray()) }));
}

async function filled(participant: Participant, db: Db, { members, books }: Servers): Promise<Collection<Item>> {
  const items = db.collection<Item>(participant);
  const ids =
    participant === 'member'
      ? Array.from({ length: members }, (_, at) => `m${at + 1}`)
      : Array.from({ length: books }, (_, at) => `${at + 1}`);
  await items.insertMany(ids.map((_id) => ({ _id, version: 0, done: [] })));
  return items;
}
