import { idempotencyKey, sagaId } from '@library/shared-kernel/domain/identifiers';
import { Outbox } from '@library/shared-kernel/outbox/outbox';
import type { Saga } from '@library/shared-kernel/saga/saga';
import { Entries } from '@library/shared-kernel/store/entries';
import type { KeptEntry } from '@library/shared-kernel/store/entries';
import { rentalKind } from '../../src/application/rental-kind';
import { RentalRecord } from '../../src/application/rental-record';
import type { StoredRental } from '../../src/application/rental-record';
import { AT, book, jenny } from './rental-desk';

const S1 = sagaId('s1');
const KEY = idempotencyKey('once');

const saga = (more: Partial<Saga> = {}): Saga => ({
  id: S1,
  type: 'RENT',
  definition: 1,
  status: 'RUNNING',
  announced: { idName: jenny, item: book(1), point: 10 },
  steps: { book: { state: 'awaited' } },
  cause: { correlation: 'c' },
  story: [],
  startedAt: AT,
  since: AT,
  resent: 0,
  dueAt: AT + 2_000,
  ...more,
});

const announcement = {
  id: 's1:rent:do',
  topic: 'rental_rent',
  body: {},
  time: AT,
  saga: S1,
  correlation: 'c',
  expiresAfterMs: 120_000,
};

const entries = (kept: ReadonlyMap<string, KeptEntry> = new Map()) =>
  new Entries<unknown>(new Set([KEY, 'another']), kept);

function opened(stored: StoredRental | undefined, outbox = new Outbox()): RentalRecord {
  return new RentalRecord(stored, outbox, entries());
}

/** A record that holds a card and a running saga, with its announcement in the outbox. */
function running() {
  const record = opened(undefined);
  record.cardOf(jenny).rent(book(1), S1, '2023-02-11');
  record.put(saga());
  return opened(record.body(), new Outbox([announcement]));
}

describe('The record of a card', () => {
  it('is the identical one when nothing changed', () => {
    const empty = opened(undefined);
    expect(empty.body()).toBe(opened(undefined).body());

    const stored = running().body();
    const record = opened(stored, new Outbox([announcement]));
    record.cardOf(jenny);
    record.put(record.saga(S1)!);
    record.published([{ id: 'unknown', expires: 1 }]);
    record.published([{ id: 's1:rent:do' }]);
    expect(record.body()).toBe(stored);
  });

  it('is the identical one when a copy is out again that expires as the first one did', () => {
    const published = running();
    published.published([{ id: 's1:rent:do', expires: AT + 120_000 }]);
    const stored = published.body();
    const record = opened(stored, new Outbox([announcement]));
    record.published([{ id: 's1:rent:do', expires: AT + 120_000 }]);

    expect(record.body()).toBe(stored);
  });

  it('is another one when anything changed', () => {
    const changes: ((record: RentalRecord) => void)[] = [
      (record) => record.card!.cancelRent(S1),
      (record) => record.put(saga({ resent: 1 })),
      (record) => record.put(saga({ status: 'COMPENSATED' })),
      (record) => record.keep(KEY, { asked: 'hash', answer: { saga: S1 } }, AT),
      (record) => record.published([{ id: 's1:rent:do', expires: AT + 120_000 }]),
    ];
    for (const change of changes) {
      const record = running();
      const before = record.body();
      change(record);
      expect(record.body()).not.toBe(before);
      expect(record.body()).not.toEqual(before);
    }
  });

  it('keeps a saga while it is in flight; when it has ended it leaves for the archive', () => {
    const record = running();
    const ended = saga({ status: 'COMPLETED', endedAt: AT });
    record.put(saga({ resent: 1 }));
    expect(record.inFlight).toEqual([saga({ resent: 1 })]);
    expect(rentalKind.dueAt(record)).toBe(AT + 2_000);
    record.put(ended);

    expect([record.inFlight, record.saga(S1), rentalKind.dueAt(record)]).toEqual([[], undefined, undefined]);
    expect(record.outbox.leaving).toEqual([{ kind: 'saga', id: S1, document: ended }]);
    expect(record.leaving).toEqual([ended]);
    expect(record.moved).toEqual([
      { saga: saga({ resent: 1 }), before: saga() },
      { saga: ended, before: saga({ resent: 1 }) },
    ]);
  });

  it('can be found by its sagas, until they have arrived in the archive', () => {
    const record = running();
    expect(rentalKind.aliases(record)).toEqual([S1]);
    record.put(saga({ status: 'COMPLETED' }));
    expect(rentalKind.aliases(record)).toEqual([S1]);

    const { waiting, leaving } = record.outbox;
    expect(rentalKind.aliases(opened(record.body(), new Outbox(waiting, leaving)))).toEqual([S1]);
    expect(rentalKind.aliases(opened(record.body(), new Outbox(waiting)))).toEqual([]);
  });

  it('is due when the first of its sagas is', () => {
    const record = running();
    record.put(saga({ id: sagaId('s2'), dueAt: AT + 1_000 }));

    expect(rentalKind.dueAt(record)).toBe(AT + 1_000);
  });

  it('learns from the published announcement when it expires, and drops it [B6b]', () => {
    const record = running();
    record.published([{ id: 's1:rent:do', expires: AT + 123_000 }]);

    expect(record.saga(S1)?.expires).toBe(AT + 123_000);
    expect(record.outbox.waiting).toEqual([]);
    // Another process's copy, when the first one was dropped: nobody knows whether it was the later one.
    record.published([{ id: 's1:rent:do', expires: AT + 999_000 }]);
    expect(record.saga(S1)?.expires).toBe(AT + 123_000);
  });

  it('keeps answers by their keys, and counts them', () => {
    const record = opened(undefined);
    record.keep(KEY, { asked: 'hash', answer: { refused: 'limit-reached' } }, AT + 1);
    expect(record.keptAnswer(KEY)).toEqual({ asked: 'hash', answer: { refused: 'limit-reached' } });
    expect(record.entries.until(KEY)).toBe(AT + 1);
    expect(record.keptKeys).toBe(1);
    record.forget(idempotencyKey('another'));
    expect(record.keptKeys).toBe(1);
    record.forget(KEY);

    expect([record.keptAnswer(KEY), record.keptKeys]).toEqual([undefined, 0]);
  });

  it('finds the saga that is in flight on a book', () => {
    const record = running();

    expect(record.running('RENT', book(1).no)?.id).toBe(S1);
    expect(record.running('RETURN', book(1).no)).toBeUndefined();
    expect(record.running('RENT', book(2).no)).toBeUndefined();
  });
});
