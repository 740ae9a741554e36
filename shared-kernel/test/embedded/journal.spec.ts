import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { Journal } from '../../src/embedded/journal';
import type { JournalMember } from '../../src/embedded/journal';
import { storageFault } from '../../src/embedded/storage-fault';
import { dataFolder, killedCopyOf, removeDataFolders } from './data-folder';
import { Gate } from './logs';

/** What a segment takes before the other one has its turn. */
const SEGMENT = Array.from({ length: 8 }, () => 'x'.repeat(1024 * 1024));
/** The same as `textsIn` tells it. */
const MUCH = SEGMENT.map(() => 'x…');

const turn = () => new Promise(setImmediate);
const failed = (code?: string) => Object.assign(new Error('The disk fails.'), { code });
const faultOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

/** Has everybody who waits for the disk wait until it is told to go on. */
const holdDisk = () => {
  const gate = new Gate();
  const sync = fs.fdatasync;
  const syncs = jest
    .spyOn(fs, 'fdatasync')
    .mockImplementation((descriptor, done) => void gate.opened.then(() => sync(descriptor, done)));
  return { syncs, goOn: () => gate.open() };
};

/** Has no file grow any more. */
const fillDisk = () => {
  const write = fs.writeSync as (...given: readonly unknown[]) => number;
  const writing = (descriptor: number, ...given: readonly unknown[]) => {
    const [what, offset, length, position] = given;
    const end = typeof what === 'string' ? Number(offset) + what.length : Number(position) + Number(length);
    if (end > fs.fstatSync(descriptor).size) throw failed('ENOSPC');
    return write(descriptor, ...given);
  };
  return jest.spyOn(fs, 'writeSync').mockImplementation(writing);
};

/** Changes one bit of this text. */
const damage = (path: string, text: string) => {
  const bytes = fs.readFileSync(path);
  const at = bytes.indexOf(text);
  expect(at).toBeGreaterThan(0);
  bytes[at]! ^= 1;
  fs.writeFileSync(path, bytes);
};

/** Has the file end within this text. */
const cutOff = (path: string, text: string) => fs.truncateSync(path, fs.readFileSync(path).indexOf(text) + 1);

/** What a journal has for this file. Shortened where it is long: a difference would be printed. */
const textsIn = (from: Journal, file = 'a.db', after = 0) =>
  from.leftFor(file, after).map(({ sql }) => (sql.length > 100 ? `${sql[0]}…` : sql));

const member = (more: Partial<JournalMember> = {}): JournalMember => ({
  idle: () => undefined,
  applyNow: () => undefined,
  ...more,
});

describe('A journal', () => {
  let path: string;
  let journal: Journal;
  let opened: Journal[];

  const open = (at = path) => {
    const one = Journal.open(at);
    opened.push(one);
    return one;
  };
  const close = (one = journal) => {
    opened = opened.filter((each) => each !== one);
    return one.close();
  };
  /** Where a process that is killed now leaves its journal. */
  const killed = (at = path) => join(killedCopyOf(dirname(at)), 'journal');
  const append = (texts: readonly string[], to = journal, file = 'a.db') =>
    texts.map((text) => to.append(file, text).number);
  const write = async (texts: readonly string[], to = journal, file = 'a.db') => {
    const numbers = append(texts, to, file);
    await to.settled();
    return numbers;
  };
  const sizeOf = (segment: string) => fs.statSync(path + segment).size;
  const files = (at = path) => fs.readdirSync(dirname(at)).toSorted();

  beforeEach(() => {
    opened = [];
    path = join(dataFolder(), 'journal');
    journal = open();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.allSettled(opened.map((each) => each.close()));
  });
  afterAll(removeDataFolders);

  it('has for the next process all that was settled, in its order [S1]', async () => {
    await write(['one', '누구 😀']);
    await write(['three'], journal, 'b.db');
    await write(['four']);

    const next = open(killed());
    expect(next.leftFor('a.db', 0).map(({ number, sql }) => [number, sql])).toEqual([
      [1, 'one'],
      [2, '누구 😀'],
      [4, 'four'],
    ]);
    expect(next.leftFor('b.db', 0).map(({ number, sql }) => [number, sql])).toEqual([[3, 'three']]);
    expect([next.id, next.newest]).toEqual([journal.id, 4]);
  });

  it('has for a file only what it does not hold yet, and only its own', async () => {
    const [, second] = await write(['one', 'two', 'three']);
    await write(['other'], journal, 'b.db');
    const next = open(killed());

    expect(textsIn(next, 'a.db', second)).toEqual(['three']);
    expect(textsIn(next, 'a.db', 3)).toEqual([]);
    expect(textsIn(next, 'b.db')).toEqual(['other']);
    expect(textsIn(next, 'c.db')).toEqual([]);
  });

  it('goes on where the process before it has ended', async () => {
    await write(['one']);
    const next = open(killed());
    expect(await write(['two'], next)).toEqual([2]);

    const last = open(killed(next.path));
    expect(textsIn(last)).toEqual(['one', 'two']);
  });

  it('writes nothing before somebody waits for it', async () => {
    append(['one']);
    expect(textsIn(open(killed()))).toEqual([]);

    await journal.settled();
    expect(textsIn(open(killed()))).toEqual(['one']);
  });

  describe('that somebody waits for', () => {
    it('has nobody wait when nothing was appended', async () => {
      expect(journal.settled()).toBeUndefined();
      append(['one']);
      expect(journal.settled()).toBeInstanceOf(Promise);

      await journal.settled();
      expect(journal.settled()).toBeUndefined();
      expect(open(killed()).settled()).toBeUndefined();
    });

    it('tells nobody before the disk has it [S4]', async () => {
      const disk = holdDisk();
      const told: string[] = [];
      append(['one']);
      const first = journal.settled()!.then(() => told.push('one'));
      append(['two']);
      const second = journal.settled()!.then(() => told.push('two'));
      await turn();
      expect(told).toEqual([]);

      disk.syncs.mockImplementation(() => undefined);
      disk.goOn();
      await first;
      await turn();
      expect(told).toEqual(['one']);
      const [, done] = disk.syncs.mock.calls[1]!;
      done(null);
      await second;
    });

    it('waits for the disk once for all who wait', async () => {
      const disk = holdDisk();
      append(['one']);
      const waiting = [journal.settled(), journal.settled()];
      append(['two', 'three']);
      waiting.push(journal.settled());
      append(['four']);
      waiting.push(journal.settled());

      disk.goOn();
      for (const each of waiting) await each;
      expect(disk.syncs).toHaveBeenCalledTimes(2);
      expect(textsIn(open(killed()))).toEqual(['one', 'two', 'three', 'four']);
    });
  });

  describe('whose end is torn', () => {
    it.each([
      ['is damaged', damage],
      ['is cut off', cutOff],
    ])('loses what %s, and nothing before it [S1]', async (_, tear) => {
      await write(['one', 'two']);
      await write(['three']);
      const left = killed();
      tear(`${left}.1`, 'three');

      const next = open(left);
      expect(textsIn(next)).toEqual(['one', 'two']);
      expect(await write(['new'], next)).toEqual([3]);
      expect(textsIn(open(killed(left)))).toEqual(['one', 'two', 'new']);
    });

    it('loses with a frame all that were behind it', async () => {
      await write(['one', 'two', 'three']);
      const left = killed();
      damage(`${left}.1`, 'two');

      expect(textsIn(open(left))).toEqual(['one']);
    });

    /** What lies there when `again` has taken the place of a frame that was torn, and as much room. */
    const afterwards = async (left: string, torn: string, again: string) => {
      damage(`${left}.1`, torn);
      const next = open(left);
      await write([again], next);
      return textsIn(open(killed(left)));
    };

    it('never has come back what lay behind the tear', async () => {
      await write(['kept', 'torn', 'late']);

      expect(await afterwards(killed(), 'torn', 'then')).toEqual(['kept', 'then']);
    });

    it('never has it come back, though it was the first that its process wrote', async () => {
      await write(['kept']);
      const second = open(killed());
      await write(['torn', 'late'], second);

      expect(await afterwards(killed(second.path), 'torn', 'then')).toEqual(['kept', 'then']);
    });

    it('never has it come back, though nothing else was there', async () => {
      await write(['torn', 'late']);

      expect(await afterwards(killed(), 'torn', 'then')).toEqual(['then']);
    });

    it('never has it come back, though it was the first that was written over something else', async () => {
      const numbers = await write(SEGMENT);
      await write(SEGMENT);
      const second = open(killed());
      second.holds('a.db', numbers.at(-1)!);
      expect(second.refusal()).toBeUndefined();
      await write(['torn', 'late'], second);

      expect(await afterwards(killed(second.path), 'torn', 'then')).toEqual([...MUCH, 'then']);
    });
  });

  describe('that has grown', () => {
    it('goes on in a second file, and has all of both', async () => {
      await write(SEGMENT);
      expect(files()).toEqual(['journal.1']);
      await write(['one', 'two']);
      expect(files()).toEqual(['journal.1', 'journal.2']);

      const next = open(killed());
      expect(textsIn(next)).toEqual([...MUCH, 'one', 'two']);
      expect(next.id).toBe(journal.id);
      expect(await write(['three'], next)).toEqual([SEGMENT.length + 3]);
      expect(textsIn(open(killed(next.path)), 'a.db', SEGMENT.length)).toEqual(['one', 'two', 'three']);
    });

    it('writes over a file only when all files hold what is in it', async () => {
      await write(['other'], journal, 'b.db');
      const numbers = await write(SEGMENT);
      await write(SEGMENT);
      journal.holds('a.db', numbers.at(-1)!);
      await write(['one']);
      expect(textsIn(open(killed()), 'b.db')).toEqual(['other']);

      journal.holds('b.db', 1);
      await write(['two']);
      const next = open(killed());
      expect(textsIn(next, 'b.db')).toEqual([]);
      expect(textsIn(next)).toEqual([...MUCH, 'one', 'two']);
    });

    it('takes turns as soon as they do', async () => {
      const numbers = await write(SEGMENT);
      await write(SEGMENT);
      await write(['in the second']);
      const before = [sizeOf('.1'), sizeOf('.2')];
      journal.holds('a.db', numbers.at(-1)!);
      await write(['in the first']);

      expect([sizeOf('.1'), sizeOf('.2')]).toEqual(before);
      const next = open(killed());
      expect(textsIn(next)).toEqual([...MUCH, 'in the second', 'in the first']);
      expect(next.id).toBe(journal.id);
      await write(['again'], next);
      expect(textsIn(open(killed(next.path))).slice(-2)).toEqual(['in the first', 'again']);
    });

    it.each([
      ['the last', 'end of the first'],
      ['the first', 'begin of the first'],
    ])('refuses to open where frames are missing that later ones followed: %s of the older file', async (_, text) => {
      await write(['begin of the first', ...SEGMENT, 'end of the first']);
      await write(['one']);
      const left = killed();
      damage(`${left}.1`, text);

      expect(faultOf(() => open(left))).toMatchObject({ code: 'data-corrupt', retryable: false });
    });
  });

  describe('on a disk that fails', () => {
    const failing: [string, () => unknown][] = [
      ['fdatasync', () => jest.spyOn(fs, 'fdatasync').mockImplementationOnce((_, done) => done(failed('EIO')))],
      [
        'write',
        () =>
          jest.spyOn(fs, 'writeSync').mockImplementationOnce(() => {
            throw failed('EIO');
          }),
      ],
      [
        'write for which there should have been room',
        () =>
          jest.spyOn(fs, 'writeSync').mockImplementationOnce(() => {
            throw failed('ENOSPC');
          }),
      ],
      [
        'fdatasync, for whatever reason',
        () => jest.spyOn(fs, 'fdatasync').mockImplementationOnce((_, done) => done(failed())),
      ],
    ];

    it.each(failing)('takes nothing any more after a failed %s, though the disk recovers [S4]', async (_, fail) => {
      await write(['before']);
      append(['one']);
      fail();
      await expect(journal.settled()).rejects.toMatchObject({ code: 'storage-failed' });

      const fault = journal.failure;
      expect(fault).toMatchObject({ code: 'storage-failed', retryable: true });
      expect(journal.refusal()).toBe(fault);
      expect(faultOf(() => append(['two']))).toBe(fault);
      await expect(journal.settled()).rejects.toBe(fault);
      await expect(close()).rejects.toBe(fault);
      expect(textsIn(open(killed()))[0]).toBe('before');
    });

    it('rejects all who wait', async () => {
      const disk = holdDisk();
      append(['one']);
      const waiting = [journal.settled()!];
      append(['two']);
      waiting.push(journal.settled()!);
      const [, done] = disk.syncs.mock.calls[0]!;
      done(failed('EIO'));

      expect(await Promise.allSettled(waiting)).toMatchObject([
        { reason: { code: 'storage-failed' } },
        { reason: { code: 'storage-failed' } },
      ]);
      expect(disk.syncs).toHaveBeenCalledTimes(1);
    });

    it('keeps its files when it is closed, whatever is held', async () => {
      append(['one']);
      failing[0]![1]();
      await expect(journal.settled()).rejects.toMatchObject({ code: 'storage-failed' });
      journal.holds('a.db', 1);

      await expect(close()).rejects.toMatchObject({ code: 'storage-failed' });
      expect(files()).toEqual(['journal.1']);
    });
  });

  describe('on a full disk', () => {
    it('says so before anything is decided, stores what was, and goes on when there is room', async () => {
      append(['one']);
      const full = fillDisk();
      expect(faultOf(() => append(['x'.repeat(2 * 1024 * 1024)]))).toMatchObject({
        code: 'disk-full',
        retryable: true,
      });
      expect(journal.failure).toBeUndefined();
      await journal.settled();
      expect(textsIn(open(killed()))).toEqual(['one']);

      full.mockRestore();
      await write(['x'.repeat(2 * 1024 * 1024), 'two']);
      expect(textsIn(open(killed()))).toEqual(['one', 'x…', 'two']);
    });

    it('stores what was decided when a second file cannot be begun', async () => {
      await write(SEGMENT);
      expect(journal.refusal()).toBeUndefined();
      append(['one']);
      const full = fillDisk();
      await journal.settled();
      expect(journal.failure).toBeUndefined();

      full.mockRestore();
      await write(['two']);
      expect(textsIn(open(killed()), 'a.db', SEGMENT.length)).toEqual(['one', 'two']);
    });

    it('cannot be begun, and can be when there is room', async () => {
      const other = join(dataFolder(), 'journal');
      const full = fillDisk();
      expect(faultOf(() => open(other))).toMatchObject({ code: 'disk-full', retryable: true });
      full.mockRestore();

      const next = open(other);
      await write(['one'], next);
      const last = open(killed(other));
      expect(textsIn(last)).toEqual(['one']);
      expect(last.id).toBe(next.id);
    });
  });

  describe('that was interrupted', () => {
    it('when it began its second file keeps its id when that has its turn', async () => {
      await write(SEGMENT);
      const left = killed();
      fs.writeFileSync(`${left}.2`, '');

      const next = open(left);
      await write(['one'], next);
      const last = open(killed(left));
      expect(textsIn(last, 'a.db', SEGMENT.length)).toEqual(['one']);
      expect(last.id).toBe(journal.id);
    });

    it('when it removed its files goes on behind what the SQL files hold', async () => {
      const numbers = await write(SEGMENT);
      await write(SEGMENT);
      journal.holds('a.db', numbers.at(-1)!);
      await write(['in the first file again']);
      const { newest } = journal;
      journal.holds('a.db', newest);
      const remove = fs.rmSync;
      jest
        .spyOn(fs, 'rmSync')
        .mockImplementationOnce(remove)
        .mockImplementationOnce(() => {
          throw new Error('It is killed.');
        });
      await expect(close()).rejects.toThrow('It is killed.');

      expect(open().newest).toBe(newest);
    });
  });

  describe('that closes', () => {
    it('leaves nothing behind when the files hold all of it', async () => {
      const numbers = await write([...SEGMENT, 'one']);
      const [other] = await write(['other'], journal, 'b.db');
      expect(Journal.isThere(path)).toBe(true);
      journal.holds('a.db', numbers.at(-1)!);
      journal.holds('b.db', other!);

      await close();
      expect(files()).toEqual([]);
      expect(Journal.isThere(path)).toBe(false);
    });

    it('keeps what a file does not hold, and writes it if need be', async () => {
      await write(['one']);
      append(['two'], journal, 'b.db');
      journal.holds('a.db', 1);

      await close();
      expect(textsIn(open(), 'b.db')).toEqual(['two']);
    });

    it('keeps what an earlier process has left for a file that was not opened', async () => {
      await write(['one']);
      const next = open(killed());
      await close(next);

      expect(files(next.path)).toEqual(['journal.1']);
    });

    it('does nothing when it is closed again', async () => {
      await close();
      const closed = jest.spyOn(fs, 'closeSync').mockImplementation(() => undefined);
      await journal.close();

      // By now they may be those of another file.
      expect(closed.mock.calls).toEqual([]);
    });

    it('is another one when it is begun anew', async () => {
      await write(['one']);
      journal.holds('a.db', 1);
      await close();

      const next = open();
      expect(next.id).not.toBe(journal.id);
      expect(await write(['two'], next)).toEqual([1]);
    });
  });

  describe('that holds still', () => {
    it('has everything durable first, then applied by every file, then looked at, in one turn', async () => {
      const calls: string[] = [];
      const applying = (name: string) => () => {
        calls.push(`${name} ${journal.settled() === undefined ? 'durable' : 'waits'}`);
      };
      journal.join(member({ applyNow: applying('a') }));
      journal.join(member({ applyNow: applying('b') }));
      const leave = journal.join(member({ applyNow: applying('gone') }));
      leave();
      append(['one']);

      expect(await journal.still(() => calls.push('look'))).toBe(3);
      expect(calls).toEqual(['a durable', 'b durable', 'look']);
      expect(textsIn(open(killed()))).toEqual(['one']);
    });

    it('waits until what is being applied is done, also when that fails, and has nothing begin meanwhile', async () => {
      const calls: string[] = [];
      const begun = [Promise.reject(new Error('no')), turn()];
      for (const each of begun) journal.join(member({ idle: () => each, applyNow: () => calls.push('applied') }));
      const still = journal.still(() => calls.push(`looked, ${journal.stillness ? 'still' : 'not still'}`));
      expect(journal.stillness).toBeDefined();
      expect(calls).toEqual([]);

      await still;
      expect(calls).toEqual(['applied', 'applied', 'looked, still']);
      expect(journal.stillness).toBeUndefined();
    });

    it('is for one after the other', async () => {
      const calls: string[] = [];
      await Promise.all(['a', 'b', 'c'].map((name) => journal.still(() => calls.push(name))));
      expect(calls).toEqual(['a', 'b', 'c']);
    });

    it('waits for a sync under way, which may fail, and lets those who wait for a later one wait until it is over', async () => {
      const disk = holdDisk();
      append(['one']);
      const settled = journal.settled();
      append(['two']);
      const later = journal.settled();
      const look = jest.fn();
      const still = journal.still(look);
      await turn();
      expect(look).not.toHaveBeenCalled();

      disk.goOn();
      await Promise.all([settled, later, still]);
      await write(['three']);
      expect(textsIn(open(killed()))).toEqual(['one', 'two', 'three']);
    });

    it('has nobody look when the disk fails, or a file of it', async () => {
      const look = jest.fn();
      const fault = storageFault({ code: 'SQLITE_FULL' }, path)!;
      const leave = journal.join(
        member({
          applyNow: () => {
            throw fault;
          },
        }),
      );
      await expect(journal.still(look)).rejects.toBe(fault);
      leave();

      append(['one']);
      jest.spyOn(fs, 'fdatasyncSync').mockImplementationOnce(() => {
        throw failed('EIO');
      });
      await expect(journal.still(look)).rejects.toMatchObject({ code: 'storage-failed' });
      await expect(journal.still(look)).rejects.toBe(journal.failure);
      expect(look).not.toHaveBeenCalled();
    });
  });
});
