import { randomUUID } from 'node:crypto';
import type { Collection } from 'mongodb';
import { serve } from './rentals';
import type { Rental } from './rentals';
import { createTopics, databaseAt } from './servers';
import type { Servers } from './servers';
import { consume, Outbox, TOPICS } from './textbook-messages';
import type { Message, Topic } from './textbook-messages';

interface Card {
  readonly _id: string;
  readonly version: number;
  readonly items: readonly { readonly no: number; readonly state: 'RENTING' | 'RENTED' | 'RETURNING' }[];
}

type SagaType = 'RENT' | 'RETURN';

interface Saga {
  readonly _id: string;
  readonly type: SagaType;
  readonly member: string;
  readonly no: number;
  readonly status: 'RUNNING' | 'COMPLETED';
  /** Which stage it is at. */
  readonly stage: number;
  /** Who has still to answer. */
  readonly awaits: readonly string[];
}

/** What is announced one after the other, and who must answer. */
const STAGES: Readonly<Record<SagaType, readonly { readonly topic: Topic; readonly awaits: readonly string[] }[]>> = {
  RENT: [{ topic: 'rented', awaits: ['book', 'member', 'bestbook'] }],
  RETURN: [
    { topic: 'returned', awaits: ['book', 'member'] },
    { topic: 'return-confirmed', awaits: ['book'] },
  ],
};
const LIMIT = 5;

/** Creates the topics, so it starts before the participants. */
export async function runRental(servers: Servers): Promise<void> {
  await createTopics(servers, TOPICS);
  const db = await databaseAt(servers);
  const cards = db.collection<Card>('cards');
  const sagas = db.collection<Saga>('sagas');
  const outbox = await Outbox.start('rental', db, servers);
  const waiting = new Map<string, () => void>();
  await cards.insertMany(
    Array.from({ length: servers.members }, (_, at) => ({ _id: `m${at + 1}`, version: 0, items: [] })),
  );

  const begin = async (
    type: SagaType,
    { member, no }: Pick<Rental, 'member' | 'no'>,
    change: (card: Card) => Card['items'],
  ) => {
    const saga = randomUUID();
    const [{ topic, awaits }] = STAGES[type] as [(typeof STAGES)[SagaType][number]];
    const completed = new Promise<void>((resolve) => waiting.set(saga, resolve));
    await changeCard(cards, member, change);
    await sagas.insertOne({ _id: saga, type, member, no, status: 'RUNNING', stage: 0, awaits });
    await outbox.add(topic, { saga, member, no });
    await completed;
  };

  await consume('rental', ['result'], servers, async (_, { saga: id, participant }) => {
    const saga = await sagas.findOne({ _id: id });
    if (saga === null) throw new Error(`Saga ${id} does not exist`);
    const awaits = saga.awaits.filter((one) => one !== participant);
    if (awaits.length > 0) {
      await sagas.updateOne({ _id: id }, { $set: { awaits } });
      return;
    }
    const next = STAGES[saga.type][saga.stage + 1];
    if (next !== undefined) {
      await sagas.updateOne({ _id: id }, { $set: { awaits: next.awaits, stage: saga.stage + 1 } });
      await outbox.add(next.topic, messageOf(saga));
      return;
    }
    await changeCard(cards, saga.member, ({ items }) =>
      saga.type === 'RENT'
        ? items.map((item) => (item.no === saga.no ? { ...item, state: 'RENTED' as const } : item))
        : items.filter(({ no }) => no !== saga.no),
    );
    await sagas.updateOne({ _id: id }, { $set: { awaits, status: 'COMPLETED' } });
    waiting.get(id)?.();
    waiting.delete(id);
  });

  serve({
    rent: (rental) =>
      begin('RENT', rental, ({ items }) => {
        if (items.length >= LIMIT || items.some(({ no }) => no === rental.no)) throw new Error('refused');
        return [...items, { no: rental.no, state: 'RENTING' }];
      }),
    giveBack: (rental) =>
      begin('RETURN', rental, ({ items }) =>
        items.map((item) => (item.no === rental.no ? { ...item, state: 'RETURNING' as const } : item)),
      ),
    totals: async () => ({
      sagas: await sagas.countDocuments({ status: 'COMPLETED' }),
      onCards: (await cards.find().toArray()).flatMap(({ items }) => items).length,
    }),
  });
}

/** Loads, decides, and saves unless another came first. */
async function changeCard(
  cards: Collection<Card>,
  member: string,
  change: (card: Card) => Card['items'],
): Promise<void> {
  const card = await cards.findOne({ _id: member });
  if (card === null) throw new Error(`${member} has no card`);
  const { modifiedCount } = await cards.updateOne(
    { _id: member, version: card.version },
    { $set: { items: change(card), version: card.version + 1 } },
  );
  if (modifiedCount !== 1) throw new Error(`The card of ${member} was changed meanwhile`);
}

function messageOf({ _id, member, no }: Saga): Message {
  return { saga: _id, member, no };
}
