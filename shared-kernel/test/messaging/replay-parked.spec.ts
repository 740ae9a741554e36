import type { LogMessage } from '@library/shared-kernel/messaging/message-log';
import { MessageRejected } from '@library/shared-kernel/messaging/message-log';
import type { ParkedMessage, Parking, ParkReason } from '@library/shared-kernel/messaging/parking';
import { Tampered, type Outcome } from '@library/shared-kernel/messaging/reaction';
import { ReplayParked, type HandleAgain } from '@library/shared-kernel/messaging/replay-parked';
import { sagaId } from '@library/shared-kernel/domain/identifiers';
import { Fault } from '@library/shared-kernel/store/fault';

const BOOK = 'book-service';
const MEMBER = 'member-service';
const BY = { actor: 'librarian', reason: 'repaired' };
const NOW = Date.parse('2026-11-21T10:00:00Z');

describe('releasing a parked message', () => {
  it('hands it to the group that parked it, and to no other', async () => {
    const { parking, replay, handled } = setUp();
    await parking.park(BOOK, message('saga-1:rent:do'), 'bug', 'TypeError', NOW);

    const released = await replay.release('1', BY);

    expect(handled).toStrictEqual([{ group: BOOK, id: 'saga-1:rent:do' }]);
    expect(released).toMatchObject({ did: 'released', entry: { state: 'released', count: 1 } });
    expect(released?.entry.notes).toStrictEqual([{ at: NOW, actor: 'librarian', did: 'released', reason: 'repaired' }]);
  });

  it.each<Outcome>(['applied', 'refused', 'too-late'])(
    'is released when its group has taken it up: %s',
    async (outcome) => {
      const { parking, replay } = setUp(() => outcome);
      await parking.park(BOOK, message('saga-1:rent:do'), 'bug', 'TypeError', NOW);

      expect(await replay.release('1', BY)).toMatchObject({ did: 'released', entry: { state: 'released' } });
    },
  );

  it.each<Outcome>(['repeated', 'withdrawn', 'late', 'duplicate', 'expired', 'foreign', 'silence', 'not-awaited'])(
    'G8p: is obsolete when its group has no use for it any more: %s',
    async (outcome) => {
      const { parking, replay } = setUp(() => outcome);
      await parking.park(BOOK, message('saga-1:rent:do'), 'bug', 'TypeError', NOW);

      const released = await replay.release('1', BY);

      expect(released).toMatchObject({ did: 'obsolete', entry: { state: 'obsolete' } });
      expect(released?.entry.notes).toStrictEqual([
        { at: NOW, actor: 'librarian', did: 'obsolete', reason: 'repaired' },
      ]);
    },
  );

  it('G9p: returns to the parked, counted once more and with its history, when it fails again', async () => {
    const { parking, replay } = setUp(() => {
      throw new Tampered(sagaId('saga-1'), 'do');
    });
    await parking.park(BOOK, message('saga-1:rent:do'), 'bug', 'TypeError', NOW);

    await replay.release('1', BY);
    const again = await replay.release('1', { actor: 'head librarian', reason: 'tried once more' });

    expect(again).toMatchObject({
      did: 'failed-again',
      entry: { state: 'parked', count: 3, reason: 'tampered', lastParkedAt: NOW },
    });
    expect(again?.entry.notes).toStrictEqual([
      { at: NOW, actor: 'librarian', did: 'failed-again', reason: 'repaired' },
      { at: NOW, actor: 'head librarian', did: 'failed-again', reason: 'tried once more' },
    ]);
  });

  it('leaves it parked, and notes nothing, when the world fails', async () => {
    const { parking, replay } = setUp(() => {
      throw new Fault('disk-full', 'The disk is full.');
    });
    await parking.park(BOOK, message('saga-1:rent:do'), 'bug', 'TypeError', NOW);

    await expect(replay.release('1', BY)).rejects.toMatchObject({ code: 'disk-full' });
    expect(await parking.find('1')).toMatchObject({ state: 'parked', count: 1, notes: [] });
  });

  it('does nothing about one that is not parked any more', async () => {
    const { parking, replay, handled } = setUp();
    await parking.park(BOOK, message('saga-1:rent:do'), 'bug', 'TypeError', NOW);
    await replay.discard('1', BY);

    expect(await replay.release('1', BY)).toMatchObject({ did: 'nothing', entry: { state: 'discarded' } });
    expect(handled).toStrictEqual([]);
  });

  it('knows nothing of an entry that is not there, or whose group runs elsewhere', async () => {
    const { parking, replay } = setUp();
    await parking.park('loan-service', message('saga-1:rent:do'), 'bug', 'TypeError', NOW);

    expect(await replay.release('1', BY)).toBeUndefined();
    expect(await replay.release('2', BY)).toBeUndefined();
  });

  it('releases it once when two operators do it at once', async () => {
    const { parking, replay, handled } = setUp();
    await parking.park(BOOK, message('saga-1:rent:do'), 'bug', 'TypeError', NOW);

    const both = await Promise.all([replay.release('1', BY), replay.release('1', BY)]);

    expect(both.map((one) => one?.did)).toStrictEqual(['released', 'nothing']);
    expect(handled).toHaveLength(1);
  });

  it('publishes again what the log had refused, instead of handing it to whoever wanted to publish it', async () => {
    const { parking, replay, handled, published } = setUp();
    await parking.park(BOOK, message('saga-1:book:do:ok'), 'rejected', 'Too large.', NOW);

    expect(await replay.release('1', BY)).toMatchObject({ did: 'released' });
    expect(published).toStrictEqual(['saga-1:book:do:ok']);
    expect(handled).toStrictEqual([]);
  });

  it('keeps what the log refuses again, for the same reason', async () => {
    const { parking, replay, refuseAll } = setUp();
    refuseAll();
    await parking.park(BOOK, message('saga-1:book:do:ok'), 'rejected', 'Too large.', NOW);

    expect(await replay.release('1', BY)).toMatchObject({
      did: 'failed-again',
      entry: { state: 'parked', reason: 'rejected', count: 2 },
    });
  });
});

describe('releasing all that is parked', () => {
  it('goes from the oldest to the newest, through more than one page, and counts what became of them', async () => {
    const { parking, replay, handled } = setUp((_group, { headers }) => {
      if (headers['ce_id'] === 'saga-7:rent:do') throw new TypeError('still broken');
      return headers['ce_id'] === 'saga-9:rent:do' ? 'repeated' : 'applied';
    });
    await parkMany(parking, 250);

    expect(await replay.releaseAll(undefined, BY)).toStrictEqual({
      parked: 250,
      released: 248,
      obsolete: 1,
      failedAgain: 1,
      skipped: 0,
    });
    expect(handled.map(({ id }) => id)).toStrictEqual(Array.from({ length: 250 }, (_, at) => `saga-${at + 1}:rent:do`));
  });

  it('leaves the other groups alone when it is asked for one', async () => {
    const { parking, replay } = setUp();
    await parking.park(BOOK, message('saga-1:rent:do'), 'bug', 'TypeError', NOW);
    await parking.park(MEMBER, message('saga-1:rent:do'), 'bug', 'TypeError', NOW);

    expect(await replay.releaseAll(MEMBER, BY)).toMatchObject({ parked: 1, released: 1 });
    expect(await statesIn(parking)).toStrictEqual(['parked', 'released']);
  });

  it('G10p: leaves what is parked meanwhile for the next time, also what fails again', async () => {
    let came = 0;
    const { parking, replay } = setUp(async () => {
      await parking.park(BOOK, message(`new-${++came}:rent:do`), 'bug', 'TypeError', NOW);
      throw new TypeError('still broken');
    });
    await parkMany(parking, 3);

    expect(await replay.releaseAll(undefined, BY)).toMatchObject({ parked: 3, failedAgain: 3 });
    expect(came).toBe(3);
    expect((await parking.list({ limit: 10 })).map(({ count }) => count)).toStrictEqual([1, 1, 1, 2, 2, 2]);
  });

  it('C17: goes on where a crash has interrupted it; nothing has an effect twice, and nothing is left out', async () => {
    const effects: string[] = [];
    const fenced: HandleAgain = async ({ headers }) => {
      const id = headers['ce_id']!;
      if (effects.includes(id)) return 'repeated';
      effects.push(id);
      return 'applied';
    };
    const { parking, replay, another } = setUp((_group, parked) => fenced(parked));
    await parkMany(parking, 5);
    parking.dieAtNote(3);

    await expect(replay.releaseAll(undefined, BY)).rejects.toThrow('died');
    expect(await statesIn(parking)).toStrictEqual(['released', 'released', 'parked', 'parked', 'parked']);

    expect(await another().releaseAll(undefined, BY)).toMatchObject({ parked: 3, released: 2, obsolete: 1 });
    expect(await statesIn(parking)).toStrictEqual(['released', 'released', 'obsolete', 'released', 'released']);
    expect(effects).toStrictEqual([1, 2, 3, 4, 5].map((at) => `saga-${at}:rent:do`));
  });

  it('stops when the world fails, and says how far it came', async () => {
    const { parking, replay } = setUp((_group, { headers }) => {
      if (headers['ce_id'] === 'saga-3:rent:do') throw new Fault('disk-full', 'The disk is full.');
      return 'applied';
    });
    await parkMany(parking, 5);

    expect(await replay.releaseAll(undefined, BY)).toStrictEqual({
      parked: 5,
      released: 2,
      obsolete: 0,
      failedAgain: 0,
      skipped: 0,
      stoppedBy: 'The disk is full.',
    });
    expect(await statesIn(parking)).toStrictEqual(['released', 'released', 'parked', 'parked', 'parked']);
  });

  it('skips what somebody discards before its turn comes', async () => {
    const { parking, replay } = setUp((_group, { headers }) => {
      if (headers['ce_id'] === 'saga-1:rent:do') void replay.discard('2', BY);
      return 'applied';
    });
    await parkMany(parking, 3);

    expect(await replay.releaseAll(undefined, BY)).toMatchObject({ parked: 3, released: 2, skipped: 1 });
    expect(await statesIn(parking)).toStrictEqual(['released', 'discarded', 'released']);
  });
});

describe('discarding a parked message', () => {
  it('P8: is soft: who did it and why are kept, and it can be restored and released', async () => {
    const { parking, replay } = setUp();
    await parking.park(BOOK, message('saga-1:rent:do'), 'bug', 'TypeError', NOW);

    expect(await replay.discard('1', { actor: 'minji', reason: 'a test message' })).toMatchObject({
      did: 'discarded',
      entry: { state: 'discarded' },
    });
    expect(await replay.restore('1', { actor: 'scott', reason: 'it was none' })).toMatchObject({
      did: 'restored',
      entry: { state: 'parked' },
    });
    const released = await replay.release('1', BY);

    expect(released?.entry.notes).toStrictEqual([
      { at: NOW, actor: 'minji', did: 'discarded', reason: 'a test message' },
      { at: NOW, actor: 'scott', did: 'restored', reason: 'it was none' },
      { at: NOW, actor: 'librarian', did: 'released', reason: 'repaired' },
    ]);
  });

  it('P8: does nothing to what is not parked, and restores only what was discarded', async () => {
    const { parking, replay } = setUp();
    await parking.park(BOOK, message('saga-1:rent:do'), 'bug', 'TypeError', NOW);

    expect(await replay.restore('1', BY)).toMatchObject({ did: 'nothing', entry: { state: 'parked', notes: [] } });
    await replay.release('1', BY);
    expect(await replay.discard('1', BY)).toMatchObject({ did: 'nothing', entry: { state: 'released' } });
    expect(await replay.discard('2', BY)).toBeUndefined();
    expect(await replay.restore('2', BY)).toBeUndefined();
  });
});

type Handle = (group: string, message: LogMessage) => Outcome | Promise<Outcome>;

function setUp(handle: Handle = () => 'applied') {
  const parking = new MemoryParking();
  const handled: { readonly group: string; readonly id: string | undefined }[] = [];
  const published: (string | undefined)[] = [];
  let refusing = false;

  const log = {
    publish: async (messages: readonly Pick<LogMessage, 'headers'>[]) => {
      if (refusing) throw new MessageRejected(0, 'Too large.');
      published.push(...messages.map(({ headers }) => headers['ce_id']));
    },
  };
  const groups = new Map(
    [BOOK, MEMBER].map((group): [string, HandleAgain] => [
      group,
      async (parked) => {
        handled.push({ group, id: parked.headers['ce_id'] });
        return handle(group, parked);
      },
    ]),
  );
  const another = () => new ReplayParked(parking, groups, log, { now: () => NOW, after: () => () => undefined });
  return { parking, handled, published, refuseAll: () => (refusing = true), another, replay: another() };
}

async function parkMany(parking: Parking, count: number): Promise<void> {
  for (let at = 1; at <= count; at++) await parking.park(BOOK, message(`saga-${at}:rent:do`), 'bug', 'TypeError', NOW);
}

/** The oldest first. */
async function statesIn(parking: Parking): Promise<readonly ParkedMessage['state'][]> {
  return (await parking.list({ limit: 1_000 })).map(({ state }) => state).toReversed();
}

function message(id: string): LogMessage {
  return {
    topic: 'rental_rent',
    partition: 0,
    offset: 0,
    key: 'jenny',
    value: Buffer.from('{}'),
    headers: { ce_id: id },
    time: NOW,
  };
}

class MemoryParking implements Parking {
  private readonly entries = new Map<string, ParkedMessage>();
  private notesLeft = Infinity;

  /** As if the process died when it wanted to note the `n`th time, counted from now. */
  dieAtNote(n: number): void {
    this.notesLeft = n;
  }

  async park(group: string, parked: LogMessage, reason: ParkReason, detail: string, at: number): Promise<void> {
    const known = [...this.entries.values()].find(
      (entry) => entry.group === group && entry.message.headers['ce_id'] === parked.headers['ce_id'],
    );
    const id = known?.id ?? String(this.entries.size + 1);
    this.entries.set(id, {
      ...(known ?? { id, group, message: parked, firstParkedAt: at, notes: [] }),
      reason,
      detail,
      lastParkedAt: at,
      count: (known?.count ?? 0) + 1,
      state: 'parked',
    });
  }

  async find(id: string): Promise<ParkedMessage | undefined> {
    return this.entries.get(id);
  }

  async list({ group, state, limit, before }: Parameters<Parking['list']>[0]): Promise<readonly ParkedMessage[]> {
    return [...this.entries.values()]
      .filter(
        (entry) => (group === undefined || entry.group === group) && (state === undefined || entry.state === state),
      )
      .filter(({ id }) => before === undefined || Number(id) < Number(before))
      .toSorted((one, other) => Number(other.id) - Number(one.id))
      .slice(0, limit);
  }

  async note(
    id: string,
    state: ParkedMessage['state'],
    note: ParkedMessage['notes'][number],
  ): Promise<ParkedMessage | undefined> {
    if (--this.notesLeft === 0) throw new Error('The process died.');
    const known = this.entries.get(id);
    if (!known) return undefined;
    const entry = { ...known, state, notes: [...known.notes, note] };
    this.entries.set(id, entry);
    return entry;
  }
}
