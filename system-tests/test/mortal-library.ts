import { embeddedBestBookStores } from '@library/bestbook-service/adapters/out/embedded/best-book-stores.embedded';
import { composeBestBook } from '@library/bestbook-service/composition-root';
import { rentCountKind } from '@library/bestbook-service/application/rent-count-kind';
import { embeddedBookStores } from '@library/book-service/adapters/out/embedded/book-stores.embedded';
import { composeBook } from '@library/book-service/composition-root';
import { bookKind } from '@library/book-service/application/book-kind';
import { embeddedMemberStores } from '@library/member-service/adapters/out/embedded/member-stores.embedded';
import { composeMember } from '@library/member-service/composition-root';
import { memberKind } from '@library/member-service/application/member-kind';
import { embeddedRentalStores } from '@library/rental-service/adapters/out/embedded/rental-stores.embedded';
import { composeRental } from '@library/rental-service/composition-root';
import { rentalKind } from '@library/rental-service/application/rental-kind';
import { idempotencyKey } from '@library/shared-kernel/domain/identifiers';
import type { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import type { MessageLog, Publication } from '@library/shared-kernel/messaging/message-log';
import type { Saga } from '@library/shared-kernel/saga/saga';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import type { Service } from '@library/shared-kernel/service/service';
import type { World } from '@library/shared-kernel/service/world';
import { Fault } from '@library/shared-kernel/store/fault';
import type { Decide, LivingRecord, Records } from '@library/shared-kernel/store/records';
import { MemoryBroker } from '@library/shared-kernel/testing/message-log.memory';
import type { MemoryMessageLog } from '@library/shared-kernel/testing/message-log.memory';
import { MemoryParking } from '@library/shared-kernel/testing/parking.memory';
import { MemoryStore } from '@library/shared-kernel/testing/records.memory';
import { settled, TestClock } from '@library/shared-kernel/testing/test-clock';
import { Calendar } from '@library/shared-kernel/time/calendar';
import type { Clock } from '@library/shared-kernel/time/clock';
import { SAGA_TOPICS } from '@library/shared-kernel/contracts/topics';
import { Registry } from 'prom-client';

export const ROLES = ['rental', 'book', 'member', 'bestbook'] as const;
export type Role = (typeof ROLES)[number];

/** Where a process may die: right before or right after something has become durable. */
export const PLACES = [
  'before a commit',
  'after a commit',
  'before publishing',
  'after publishing',
  'before committing an offset',
] as const;
export type Place = (typeof PLACES)[number];

/** The process of a role dies the `nth` time that it gets there, counted from when this was decided. */
export interface Death {
  readonly role: Role;
  readonly place: Place;
  readonly nth: number;
}

/** What a route answered: with a status and a body, or with a problem, which has a code. */
export interface Asked {
  readonly status: number;
  /** What a test expects of it is the check. */
  readonly body?: any; // oxlint-disable-line typescript/no-explicit-any
}

const COMPOSE: Readonly<Record<Role, (world: World, file: ServiceFile) => Service>> = {
  rental: (world, file) => composeRental(world, embeddedRentalStores(file)),
  book: (world, file) => composeBook(world, embeddedBookStores(file)),
  member: (world, file) => composeMember(world, embeddedMemberStores(file)),
  bestbook: (world, file) => composeBestBook(world, embeddedBestBookStores(file)),
};
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const RESTART_MS = 300;

const never = <Value>() => new Promise<Value>(() => undefined);

/** One life of one service. What it has begun when it dies is never heard of again. */
class Life {
  readonly service: Service;
  private readonly client: MemoryMessageLog;
  private isDead = false;
  private died: () => void = () => undefined;
  readonly death = new Promise<'dead'>((resolve) => (this.died = () => resolve('dead')));

  constructor(
    role: Role,
    private readonly library: MortalLibrary,
    /** Where it is now; answers whether it dies there. */
    private readonly passes: (place: Place) => boolean,
  ) {
    this.client = library.broker.client();
    this.service = COMPOSE[role](this.world(), this.file(role));
  }

  get dead(): boolean {
    return this.isDead;
  }

  kill(): void {
    this.isDead = true;
    this.client.kill();
    this.died();
  }

  /** For the store's hooks and the log. */
  async at(place: Place): Promise<void> {
    if (!this.isDead && this.passes(place)) this.kill();
    if (this.isDead) await never();
  }

  private world(): World {
    const { clock, parking } = this.library;
    return {
      clock: this.clock(clock),
      calendar: new Calendar('Asia/Seoul'),
      timing: DEFAULT_TIMING,
      log: this.log(),
      parking,
      logger: SILENT,
      metrics: new Registry(),
    };
  }

  private clock(clock: Clock): Clock {
    return { now: () => clock.now(), after: (ms, wake) => clock.after(ms, () => void (this.isDead || wake())) };
  }

  private log(): MessageLog {
    const { client } = this;
    const log: MessageLog = {
      publish: async (messages) => {
        await this.at('before publishing');
        await client.publish(messages.map(this.library.rewritten));
        await this.at('after publishing');
      },
      consume: (settings, handle) =>
        client.consume(settings, async (batch) => {
          await handle(batch);
          await this.at('before committing an offset');
        }),
      read: (...asked) => client.read(...asked),
      ends: (topic) => client.ends(topic),
      backlog: (group, topics) => client.backlog(group, topics),
      get reachable() {
        return client.reachable;
      },
    };
    return log;
  }

  private file(role: Role): ServiceFile {
    const store = this.library.stores[role] as MemoryStore<LivingRecord>;
    const file = {
      records: () => this.mortal(role, store.open()),
      archive: store.archive,
      numbers: () => ({ next: async () => this.library.nextNumber(role) }),
      // Lists are no part of these stories.
      rows: async () => [],
      exclusively: async (work: (file: unknown) => unknown) =>
        work({ statement: () => ({ run: () => 0, all: () => [] }) }),
      createMissing: () => undefined,
    };
    return file as unknown as ServiceFile;
  }

  private mortal(role: Role, records: Records<LivingRecord>): Records<LivingRecord> {
    const heard = async <Value>(work: () => Promise<Value>): Promise<Value> => {
      if (this.isDead) return never();
      if (this.library.unreachable.has(role)) throw new Fault('store-unreachable', 'The store cannot be reached.');
      try {
        const value = await work();
        return this.isDead ? await never() : value;
      } catch (error) {
        if (this.isDead) return never();
        throw error;
      }
    };
    return {
      change: <Answer>(id: string, about: readonly string[], decide: Decide<LivingRecord, Answer>) => {
        const alive = ((record: LivingRecord) => {
          if (this.isDead) throw new Error('The dead decide nothing.');
          return decide(record);
        }) as Decide<LivingRecord, Answer>;
        return heard(() => records.change(id, about, alive));
      },
      read: (...asked) => heard(() => records.read(...asked)),
      findByAlias: (alias) => heard(() => records.findByAlias(alias)),
      findDue: (...asked) => heard(() => records.findDue(...asked)),
      findWaiting: (...asked) => heard(() => records.findWaiting(...asked)),
      findExpiredEntries: (...asked) => heard(() => records.findExpiredEntries(...asked)),
    };
  }
}

/**
 * The four services as they are composed, each a process of its own on stores and a broker in memory, which die where a
 * test says and are started again. Nothing here takes time, so that every place to die can be tried.
 */
export class MortalLibrary {
  readonly clock = new TestClock();
  readonly broker = new MemoryBroker(this.clock);
  readonly parking = new MemoryParking(this.broker);
  readonly stores = {
    rental: new MemoryStore(rentalKind, this.clock),
    book: new MemoryStore(bookKind, this.clock),
    member: new MemoryStore(memberKind, this.clock),
    bestbook: new MemoryStore(rentCountKind(1), this.clock),
  };
  /** What another release makes of a message that is published. */
  rewritten: (message: Publication) => Publication = (message) => message;
  /** Whose store cannot be reached now. */
  readonly unreachable = new Set<Role>();
  private readonly lives = new Map<Role, Life>();
  private deaths: { readonly role: Role; readonly place: Place; left: number }[] = [];
  private readonly numbers = new Map<Role, number>();

  static async start(): Promise<MortalLibrary> {
    const library = new MortalLibrary();
    library.broker.createTopics(SAGA_TOPICS, 4);
    for (const role of [...ROLES].toReversed()) await library.live(role);
    return library;
  }

  nextNumber(role: Role): number {
    const next = (this.numbers.get(role) ?? 0) + 1;
    this.numbers.set(role, next);
    return next;
  }

  /** From now on; one death after the other. */
  sentence(...deaths: readonly Death[]): void {
    this.deaths = deaths.map(({ role, place, nth }) => ({ role, place, left: nth }));
  }

  /** How many of the deaths are still to come. */
  get spared(): number {
    return this.deaths.length;
  }

  kill(role: Role): void {
    this.lives.get(role)?.kill();
    this.clock.after(RESTART_MS, () => void this.live(role));
  }

  service(role: Role): Service {
    return this.lives.get(role)!.service;
  }

  /** A second process of the role, which only does what a test has it do. */
  another(role: Role): Service {
    return new Life(role, this, () => false).service;
  }

  /** Calls a route as its HTTP server would, and again with the same key when the process died of it. */
  async ask(
    role: Role,
    method: string,
    path: string,
    body: unknown,
    { key = `${path} ${JSON.stringify(body)}`, params = {} } = {},
  ): Promise<Asked> {
    for (;;) {
      const life = this.lives.get(role)!;
      const route = life.service.routes.find((one) => one.method === method && one.path === path)!;
      const request = {
        params,
        query: {},
        body: route.body?.parse(body),
        key: idempotencyKey(key),
        waitSeconds: undefined,
        lastEventId: undefined,
        correlation: key,
        traceparent: undefined,
        signal: new AbortController().signal,
      };
      const answer = life.dead ? 'dead' : await Promise.race([route.handle(request), life.death]);
      if (answer !== 'dead') return answer as Asked;
      await this.clock.advance(2 * RESTART_MS);
    }
  }

  async registerBook(): Promise<void> {
    const particulars = {
      title: '책',
      author: '저자',
      isbn: '9788970849782',
      classification: 'ARTS',
      source: 'SUPPLY',
      location: 'PANGYO',
    };
    await this.ask('book', 'POST', '/books', particulars, { key: `book ${this.numbers.get('book')}` });
  }

  async registerMember(id: string): Promise<void> {
    await this.ask('member', 'POST', '/members', { id, name: id, email: `${id}@example.org` });
  }

  async rent(member: string, no: number): Promise<Asked> {
    const body = { memberName: member, item: { no, title: `책 ${no}` } };
    return this.ask('rental', 'POST', '/rental-cards/{member}/rentals', body, {
      params: { member },
      key: `rent ${member} ${no}`,
    });
  }

  async return(member: string, no: number): Promise<Asked> {
    return this.ask(
      'rental',
      'POST',
      '/rental-cards/{member}/returns',
      { item: { no } },
      { params: { member }, key: `return ${member} ${no}` },
    );
  }

  /** Where a saga is recorded: in flight, on its way to the archive, or there. */
  async whereabouts(id: string): Promise<readonly Saga[]> {
    const records = this.stores.rental.living();
    const inRecords = records
      .flatMap(({ inFlight, leaving }) => [...inFlight, ...leaving])
      .filter((saga) => saga.id === id);
    const archived = (await this.stores.rental.archive.find('saga', id)) as Saga | undefined;
    return [...inRecords, ...(archived ? [archived] : [])];
  }

  async sagas(): Promise<readonly Saga[]> {
    const archived = await this.stores.rental.archive.listAll('saga', { limit: 1_000 });
    const inFlight = this.stores.rental.living().flatMap((record) => [...record.inFlight, ...record.leaving]);
    return [...archived.map(({ document }) => document as Saga), ...inFlight];
  }

  /** What has come of everything: what does not depend on the order in which the participants answered. */
  async ending() {
    const stores = Object.values(this.stores) as unknown as MemoryStore<LivingRecord>[];
    const ledger = await this.stores.member.archive.listAll('ledger', { limit: 1_000 });
    const earned = ledger.map(({ document }) => (document as { points: number }).points);
    const sagas = (await this.sagas()).toSorted((one, other) => (one.id < other.id ? -1 : 1));
    return {
      sagas: sagas.map(({ type, status, reason, steps }) => ({
        type,
        status,
        reason,
        steps: Object.entries(steps)
          .map(([name, { state }]) => `${name} ${state}`)
          .toSorted(),
      })),
      // Once each, whatever came twice.
      toldTwice: sagas.flatMap(({ story }) =>
        twice(story.map(({ what, participant = '' }) => `${what} ${participant}`)),
      ),
      cards: this.stores.rental
        .living()
        .map(({ card }) => card?.snapshot().items.map(({ no, state }) => `${no} ${state}`)),
      books: this.stores.book
        .living()
        .flatMap(({ book }) => (book ? [{ no: book.snapshot().no, status: book.snapshot().status }] : [])),
      points: this.stores.member.living().flatMap(({ member }) => (member ? [member.snapshot().points] : [])),
      ledgerSum: earned.reduce((sum, points) => sum + points, 0),
      counts: this.stores.bestbook.living().flatMap(({ count }) => (count && count.total > 0 ? [count.total] : [])),
      waiting: stores.flatMap((store) => store.living().flatMap(({ outbox }) => outbox.waiting.map(({ id }) => id))),
      parked: (await this.parking.list({ state: 'parked', limit: 100 })).map(
        ({ reason, detail }) => `${reason} ${detail}`,
      ),
    };
  }

  private async live(role: Role): Promise<void> {
    const life: Life = new Life(role, this, (place) => this.dies(role, place));
    const store = this.stores[role] as unknown as MemoryStore<LivingRecord>;
    store.faults = { beforeCommit: () => life.at('before a commit'), afterCommit: () => life.at('after a commit') };
    this.lives.set(role, life);
    await Promise.race([life.service.start(), life.death]);
    await settled();
  }

  private dies(role: Role, place: Place): boolean {
    const [next] = this.deaths;
    if (next?.role !== role || next.place !== place || --next.left > 0) return false;
    this.deaths = this.deaths.slice(1);
    this.clock.after(RESTART_MS, () => void this.live(role));
    return true;
  }
}

function twice(events: readonly string[]): readonly string[] {
  return events.filter((event, at) => events.indexOf(event) !== at);
}
