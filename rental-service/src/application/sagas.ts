import type { MemberId, SagaId } from '@library/shared-kernel/domain/identifiers';
import { hasEnded } from '@library/shared-kernel/saga/saga';
import type { Saga, SagaEvent } from '@library/shared-kernel/saga/saga';
import type { Archive } from '@library/shared-kernel/store/records';
import type { Clock } from '@library/shared-kernel/time/clock';
import type { CardLists, RentalCards, SagaFilter } from './ports';
import type { SagaFeed } from './saga-feed';

/** How often whoever waits looks at the record, in case another instance has moved the saga. */
const LOOK_AGAIN_MS = 1_000;
const RECORDS_AT_ONCE = 200;
const ARCHIVED_AT_ONCE = 100;
/** The most archived sagas that one page looks through; a page may be short of its limit and yet have a next one. */
const LOOKED_THROUGH = 1_000;

export interface SagaPage {
  readonly sagas: readonly Saga[];
  /** The id before which the next page begins; absent when there is none. */
  readonly next?: string;
}

/** One thing that happened to a saga, and its number in the story, from 0. */
export interface NumberedEvent {
  readonly number: number;
  readonly event: SagaEvent;
}

interface Ended {
  readonly ended: readonly Saga[];
  readonly lookedTo: string | undefined;
}

const NONE_ENDED: Ended = { ended: [], lookedTo: undefined };

/** Sagas in flight and finished, as one: the record is read first and the archive second, so that none is missed on its way. */
export class Sagas {
  constructor(
    private readonly cards: RentalCards,
    private readonly lists: CardLists,
    private readonly archive: Archive,
    private readonly feed: SagaFeed,
    private readonly clock: Clock,
  ) {}

  async find(id: SagaId): Promise<Saga | undefined> {
    const member = await this.cards.findByAlias(id);
    const record = member === undefined ? undefined : await this.cards.read(member);
    return (
      record?.saga(id) ??
      record?.leaving.find((saga) => saga.id === id) ??
      ((await this.archive.find('saga', id)) as Saga | undefined)
    );
  }

  /**
   * The saga as it is when it has ended, when `ms` have passed, or when `signal` says that nobody waits any more; of one that
   * moved in this process just now the record need not be asked.
   */
  async ended(id: SagaId, ms: number, signal?: AbortSignal): Promise<Saga | undefined> {
    const until = this.clock.now() + ms;
    const news = this.newsOf(id);
    try {
      for (let saga = this.feed.latest(id, LOOK_AGAIN_MS) ?? (await this.find(id)); ; saga = await this.find(id)) {
        const left = until - this.clock.now();
        if (!saga || hasEnded(saga) || left <= 0 || signal?.aborted) return saga;
        const ended = await news.next(Math.min(left, LOOK_AGAIN_MS), hasEnded, signal);
        if (ended) return ended;
      }
    } finally {
      news.stop();
    }
  }

  /** What happened to the saga, from number `from` on, until it ends or `signal` says that nobody listens any more. */
  async *story(id: SagaId, from: number, signal?: AbortSignal): AsyncGenerator<NumberedEvent> {
    const news = this.newsOf(id);
    try {
      for (let next = from; ;) {
        const saga = await this.find(id);
        if (!saga) return;
        for (; next < saga.story.length; next++) yield { number: next, event: saga.story[next]! };
        if (hasEnded(saga) || signal?.aborted) return;
        await news.next(LOOK_AGAIN_MS, () => true, signal);
      }
    } finally {
      news.stop();
    }
  }

  /** Newest first, in flight and finished alike. */
  async list(filter: SagaFilter, page: { readonly limit: number; readonly before?: string }): Promise<SagaPage> {
    const fits = (saga: Saga) =>
      (filter.status === undefined || saga.status === filter.status) &&
      (filter.type === undefined || saga.type === filter.type) &&
      (filter.attention === undefined || (saga.attention !== undefined) === filter.attention) &&
      (page.before === undefined || saga.id < page.before);

    const flying = (await this.unarchived(filter.member)).filter(fits);
    const { ended, lookedTo } = onlyInFlight(filter) ? NONE_ENDED : await this.listEnded(filter.member, page, fits);
    const byId = new Map([...flying, ...ended].map((saga) => [saga.id, saga]));
    const sorted = [...byId.values()]
      .filter(({ id }) => lookedTo === undefined || id >= lookedTo)
      .toSorted((one, other) => (one.id < other.id ? 1 : -1));

    const sagas = sorted.slice(0, page.limit);
    const next = sorted.length > page.limit ? sagas.at(-1)!.id : lookedTo;
    return next === undefined ? { sagas } : { sagas, next };
  }

  private async unarchived(member: MemberId | undefined): Promise<readonly Saga[]> {
    if (member !== undefined) {
      const record = await this.cards.read(member);
      return record ? [...record.inFlight, ...record.leaving] : [];
    }

    const sagas: Saga[] = [];
    for (let after: string | undefined; ;) {
      const found = await this.lists.listUnarchived({
        limit: RECORDS_AT_ONCE,
        ...(after === undefined ? {} : { after }),
      });
      for (const { sagas: flying } of found) sagas.push(...flying);
      if (found.length < RECORDS_AT_ONCE) return sagas;
      after = found.at(-1)!.member;
    }
  }

  /** Finished sagas that fit, and down to which id the archive was looked through; undefined when to its end. */
  private async listEnded(
    member: MemberId | undefined,
    page: { readonly limit: number; readonly before?: string },
    fits: (saga: Saga) => boolean,
  ): Promise<Ended> {
    const ended: Saga[] = [];
    let before = page.before;
    for (let looked = 0; looked < LOOKED_THROUGH && ended.length < page.limit; looked += ARCHIVED_AT_ONCE) {
      const sagas = await this.archived(member, {
        limit: ARCHIVED_AT_ONCE,
        ...(before === undefined ? {} : { before }),
      });
      ended.push(...sagas.filter(fits));
      if (sagas.length < ARCHIVED_AT_ONCE) return { ended, lookedTo: undefined };
      before = sagas.at(-1)!.id;
    }
    return { ended, lookedTo: before };
  }

  private async archived(
    member: MemberId | undefined,
    page: { readonly limit: number; readonly before?: string },
  ): Promise<readonly Saga[]> {
    if (member !== undefined) return (await this.archive.list('saga', member, page)) as readonly Saga[];
    return (await this.archive.listAll('saga', page)).map(({ document }) => document as Saga);
  }

  /** Collects what is told of a saga, also between two looks at it, so that nothing is slept through. */
  private newsOf(id: SagaId) {
    let told: Saga[] = [];
    let wake: (() => void) | undefined;
    const stop = this.feed.listen(id, (saga) => {
      told.push(saga);
      wake?.();
    });

    /** The saga as it was told when that matters; undefined when nothing was told for `ms`. */
    const next = (ms: number, matters: (saga: Saga) => boolean, signal?: AbortSignal) =>
      new Promise<Saga | undefined>((resolve) => {
        const done = (news?: Saga) => {
          told = [];
          wake = undefined;
          cancel();
          signal?.removeEventListener('abort', inVain);
          resolve(news);
        };
        const inVain = () => done();
        const cancel = this.clock.after(ms, inVain);
        signal?.addEventListener('abort', inVain);
        wake = () => {
          const news = told.find(matters);
          if (news) done(news);
        };
        wake();
      });
    return { next, stop };
  }
}

/** Whether nothing that has ended can fit, so that the archive need not be looked through. */
function onlyInFlight({ status, attention }: SagaFilter): boolean {
  return attention === true || (status !== undefined && !hasEnded({ status }));
}
