import type { LogMessage, Publication } from '@library/shared-kernel/messaging/message-log';
import { ReplayParked } from '@library/shared-kernel/messaging/replay-parked';
import { Fault } from '@library/shared-kernel/store/fault';
import type { LivingRecord } from '@library/shared-kernel/store/records';
import type { MemoryStore } from '@library/shared-kernel/testing/records.memory';
import { MortalLibrary } from '../mortal-library';
import type { Role } from '../mortal-library';

const BOOK_SERVICE = 'book-service';
const PARTICIPANTS = ['book', 'member', 'bestbook'] as const;
const BY = { actor: 'librarian', reason: 'seen to' };

const RENTED = {
  sagas: [{ type: 'RENT', status: 'COMPLETED', steps: ['bestbook done', 'book done', 'member done'] }],
  toldTwice: [],
  cards: [['1 RENTED']],
  books: [{ no: 1, status: 'UNAVAILABLE' }],
  points: [10],
  ledgerSum: 10,
  counts: [1],
  waiting: [],
  parked: [],
};

const bodyOf = ({ value }: Pick<LogMessage, 'value'>) => JSON.parse(Buffer.from(value!).toString());
const withBody = <Message extends Publication>(
  message: Message,
  body: unknown,
  headers = message.headers,
): Message => ({
  ...message,
  headers,
  value: Buffer.from(JSON.stringify(body)),
});

let library: MortalLibrary;

beforeEach(async () => {
  library = await MortalLibrary.start();
  await library.registerBook();
  await library.registerMember('jenny');
});

/** The announcement of a rent, which nobody has heard yet. */
async function announced(): Promise<LogMessage> {
  library.broker.faults = { delivering: () => [] };
  await library.rent('jenny', 1);
  await library.clock.advance(100);
  return library.broker.messages('rental_rent')[0]!;
}

/** What the saga would say if it gave up. */
function cancelOf(announcement: LogMessage): LogMessage {
  const { headers } = announcement;
  return withBody(
    { ...announcement, topic: 'rental_rent_cancel' },
    { ...bodyOf(announcement), reason: 'expired' },
    {
      ...headers,
      ce_id: `${headers['ce_sagaid']}:rent:undo`,
      ce_type: 'ItemRentCancelled',
      ce_announcedtime: headers['ce_time']!,
    },
  );
}

const settle = (id: string) =>
  library.ask('rental', 'POST', '/ops/sagas/{id}/settlements', { participant: 'book', ...BY }, { params: { id } });

/** A release that knows more: fields that nobody here has heard of, at every level, and a header. */
const newer = (message: Publication): Publication => {
  const { idName, item, ...body } = bodyOf(message);
  const more = {
    ...body,
    branch: 'Pangyo',
    idName: { ...idName, title: 'Dr' },
    ...(item ? { item: { ...item, shelf: 7 } } : {}),
  };
  return withBody(message, more, { ...message.headers, ce_branch: 'pangyo' });
};
/** A release that had not thought of these yet. */
const older = (message: Publication): Publication => {
  const { ce_awaits: _a, ce_expirytime: _e, ce_correlationid: _c, ce_causationid: _d, ...headers } = message.headers;
  return { ...message, headers };
};

const roleOf = (group: string) => group.replace('-service', '') as Role;

describe('a duplicate', () => {
  it('on another partition than the first, because there are more of them now, has no second effect [D7 J9]', async () => {
    library.broker.faults = {
      delivering: (_group, { partition, topic }) => (topic === 'rental_rent' && partition < 4 ? [3_000] : [0]),
    };
    await library.rent('jenny', 1);
    await library.clock.advance(100);
    const [first] = library.broker.messages('rental_rent');
    // As many as it takes until jenny's messages go elsewhere, while the first one is still on its way.
    for (
      let partitions = 5;
      library.broker.messages('rental_rent').every(({ partition }) => partition === first!.partition);
      partitions++
    ) {
      library.broker.createTopics(['rental_rent', 'rental_result'], partitions);
      library.broker.append([first!]);
    }
    await library.clock.advance(1_000);
    library.broker.append(library.broker.messages('rental_result'));
    await library.clock.advance(20_000);

    expect(new Set(library.broker.messages('rental_rent').map(({ partition }) => partition)).size).toBeGreaterThan(1);
    expect(await library.ending()).toEqual(RENTED);
  });

  it('that the producer makes itself, because it was not told that the first copy arrived, has no effect [D10 H3]', async () => {
    let told = 0;
    library.broker.faults = {
      publishing: (messages) =>
        told++ % 3 === 2 ? undefined : { appended: messages.length, error: new Fault('log-unreachable', 'No answer.') },
    };
    await library.rent('jenny', 1);
    await library.clock.advance(20_000);

    expect(library.broker.messages('rental_rent').length).toBeGreaterThan(1);
    expect(library.broker.messages('rental_result').length).toBeGreaterThan(3);
    expect(await library.ending()).toEqual(RENTED);
  });
});

describe('a cancel and the announcement that it cancels, handled at the same moment', () => {
  it.each(
    PARTICIPANTS.flatMap(
      (role) =>
        [
          { role, first: 'cancel' },
          { role, first: 'announcement' },
        ] as const,
    ),
  )('come to nothing with $role, when the $first is stored first [E3 G11]', async ({ role, first }) => {
    const announcement = await announced();
    const cancel = cancelOf(announcement);
    const [early, late] = first === 'cancel' ? [cancel, announcement] : [announcement, cancel];
    const store = library.stores[role] as unknown as MemoryStore<LivingRecord>;
    const one = library.another(role);
    const other = library.another(role);
    let raced = false;
    store.faults = {
      beforeCommit: async () => {
        if (raced) return;
        raced = true;
        await other.operations.handleAgain(early);
      },
    };
    // The ranking has no operations of its own before it runs.
    if (role === 'bestbook') await Promise.all([one.start(), other.start()]);
    await one.operations.handleAgain(late);
    await one.operations.handleAgain(announcement);

    expect(store.conflicts).toBe(1);
    expect(await library.ending()).toMatchObject({
      books: [{ status: 'AVAILABLE' }],
      points: [0],
      ledgerSum: 0,
      counts: [],
    });
  });
});

describe('what is published', () => {
  it('was stored before by whoever says it, so that no answer can come too early [E5 G8]', async () => {
    const stores = Object.values(library.stores) as unknown as MemoryStore<LivingRecord>[];
    const early: string[] = [];
    let seen = 0;
    // A commit takes its time, and what must not wait for it would be seen to overtake it.
    for (const store of stores) store.faults = { beforeCommit: () => new Promise((resolve) => setImmediate(resolve)) };
    library.broker.faults = {
      publishing: (messages) => {
        const stored = new Set(
          stores.flatMap((store) => store.living().flatMap(({ outbox }) => outbox.waiting.map(({ id }) => id))),
        );
        for (const { headers } of messages) {
          seen += 1;
          if (!stored.has(headers['ce_id']!)) early.push(headers['ce_id']!);
        }
        return undefined;
      },
    };
    await library.rent('jenny', 1);
    await library.clock.advance(10_000);
    await library.return('jenny', 1);
    await library.clock.advance(10_000);

    expect((await library.sagas()).map(({ status }) => status)).toEqual(['COMPLETED', 'COMPLETED']);
    expect(seen).toBeGreaterThanOrEqual(1 + 3 + 1 + 2 + 1 + 1);
    expect(early).toEqual([]);
  });
});

describe('messages of one key', () => {
  it('wait behind the one that the world does not let through, and keep their order [E10]', async () => {
    await library.registerBook();
    let failures = 0;
    const { member } = library.stores;
    member.faults = {
      beforeCommit: () => {
        if (failures++ < 5) throw new Fault('store-unreachable', 'The store cannot be reached.');
      },
    };
    const sagas = [(await library.rent('jenny', 1)).body.id, (await library.rent('jenny', 2)).body.id];
    await library.clock.advance(20_000);

    expect(failures).toBeGreaterThan(5);
    const answered = library.broker
      .messages('rental_result')
      .filter(({ headers }) => headers['ce_participant'] === 'member');
    expect([...new Set(answered.map(({ headers }) => headers['ce_sagaid']))]).toEqual(sagas);
    expect(await library.ending()).toMatchObject({
      points: [20],
      parked: [],
      waiting: [],
      cards: [['1 RENTED', '2 RENTED']],
    });
  });
});

describe('settling by hand', () => {
  it('is refused while the saga still asks, and the step goes on [F10 P3]', async () => {
    library.broker.faults = {
      delivering: (group, { topic }) => (group === BOOK_SERVICE && topic === 'rental_rent' ? [1_000] : [0]),
    };
    const { body } = await library.rent('jenny', 1);
    await library.clock.advance(500);

    expect(await settle(body.id)).toMatchObject({ code: 'too-late' });
    await library.clock.advance(20_000);
    expect(await library.ending()).toEqual(RENTED);
  });

  it('while the undoing runs ends the saga once, and the answer that comes after it changes nothing [F10 P2]', async () => {
    library.broker.faults = {
      delivering: (group, { topic }) => {
        if (group !== BOOK_SERVICE) return [0];
        return topic === 'rental_rent' ? [] : [5_000];
      },
    };
    const { body } = await library.rent('jenny', 1);
    await library.clock.advance(122_000);
    expect(await library.whereabouts(body.id)).toMatchObject([{ status: 'COMPENSATING' }]);
    expect(await settle(body.id)).toMatchObject({ status: 200 });
    const settled = await library.whereabouts(body.id);
    await library.clock.advance(20_000);

    expect(settled).toMatchObject([{ status: 'COMPENSATED', steps: { book: { state: 'settled' } } }]);
    expect(await library.whereabouts(body.id)).toEqual(settled);
    expect(await library.ending()).toMatchObject({
      books: [{ status: 'AVAILABLE' }],
      points: [0],
      counts: [],
      cards: [[]],
      waiting: [],
    });
  });

  it('at the same moment as the answer counts one of them [F10 P1]', async () => {
    library.broker.faults = {
      delivering: (group, { topic, headers }) => {
        if (group === BOOK_SERVICE && topic === 'rental_rent') return [];
        return group === 'rental-service' && headers['ce_id']!.includes(':book:undo:') ? [] : [0];
      },
    };
    const { body } = await library.rent('jenny', 1);
    await library.clock.advance(122_000);
    const answer = library.broker
      .messages('rental_result')
      .find(({ headers }) => headers['ce_id']!.includes(':book:undo:'))!;
    const other = library.another('rental');
    let raced = false;
    library.stores.rental.faults = {
      beforeCommit: async () => {
        if (raced) return;
        raced = true;
        await other.operations.handleAgain(answer);
      },
    };

    expect(await settle(body.id)).toMatchObject({ code: 'too-late' });
    expect(await library.whereabouts(body.id)).toMatchObject([
      { status: 'COMPENSATED', steps: { book: { state: 'undone' } } },
    ]);
    expect(await library.ending()).toMatchObject({ toldTwice: [] });
  });
});

describe('while an older and a newer release run side by side', () => {
  it.each<[string, () => (message: Publication) => Publication]>([
    ['says more than is known here', () => newer],
    ['says less than it might', () => older],
    [
      'takes over between a message and its copy',
      () => {
        let turn = 0;
        return (message) => [newer, older, (same: Publication) => same][turn++ % 3]!(message);
      },
    ],
  ])('both are understood when one %s [O3]', async (_what, rewriting) => {
    library.rewritten = rewriting();
    // The first answers are lost, so that everything is sent and answered once more.
    let lost = 0;
    library.broker.faults = { delivering: (group) => (group === 'rental-service' && lost++ < 3 ? [] : [0]) };
    await library.rent('jenny', 1);
    await library.clock.advance(60_000);

    expect(await library.ending()).toEqual(RENTED);
  });

  it('a message of a version that is not understood is parked, nobody loses it, and the release that does understand takes it up [O6 G2p]', async () => {
    library.rewritten = (message) =>
      message.topic === 'rental_rent'
        ? { ...message, headers: { ...message.headers, ce_specversion: '2.0' } }
        : message;
    await library.rent('jenny', 1);
    await library.clock.advance(1_000);
    const parked = await library.parking.list({ limit: 10 });
    expect(parked.map(({ group, reason }) => `${group} ${reason}`).toSorted()).toEqual(
      ['bestbook-service', 'book-service', 'member-service'].map((group) => `${group} unsupported-version`),
    );
    expect(await library.ending()).toMatchObject({ points: [0], books: [{ status: 'AVAILABLE' }] });

    const understanding = (role: Role) => (message: LogMessage) =>
      library
        .service(role)
        .operations.handleAgain({ ...message, headers: { ...message.headers, ce_specversion: '1.0' } });
    const replay = (handle: (role: Role) => (message: LogMessage) => ReturnType<ReturnType<typeof understanding>>) =>
      new ReplayParked(
        library.parking,
        { get: (group) => handle(roleOf(group)) },
        library.broker.client(),
        library.clock,
      );
    const notYet = replay((role) => (message) => library.service(role).operations.handleAgain(message));
    expect(await notYet.releaseAll(undefined, BY)).toMatchObject({ parked: 3, released: 0, failedAgain: 3 });
    expect(await replay(understanding).releaseAll(undefined, BY)).toMatchObject({
      parked: 3,
      released: 3,
      failedAgain: 0,
    });
    await library.clock.advance(1_000);

    expect(await library.ending()).toEqual(RENTED);
  });
});

describe('a message that is released', () => {
  it('is answered as part of its own saga, and hands on no header that says how it came here [G12p G18]', async () => {
    const announcement = await announced();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = {
      ...announcement.headers,
      traceparent,
      parked_reason: 'bug',
      kafka_dlt_original_topic: 'elsewhere',
    };
    await library.service('book').operations.handleAgain({ ...announcement, headers });
    await library.clock.advance(100);

    const [answer] = library.broker.messages('rental_result');
    const { ce_id: causation, ce_sagaid, ce_correlationid } = announcement.headers;
    expect(answer!.headers).toMatchObject({ ce_sagaid, ce_correlationid, ce_causationid: causation, traceparent });
    expect(Object.keys(answer!.headers).filter((name) => !/^(ce_\w+|content-type|traceparent)$/.test(name))).toEqual(
      [],
    );
  });
});
