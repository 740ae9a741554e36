import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compactHeaders } from '@library/shared-kernel/embedded/compact-headers';
import { LogReader } from '@library/shared-kernel/embedded/log-reader';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { DATA_FILES } from '@library/standalone/library';
import { Stage } from '@library/standalone/scenarios/stage';
import Database from 'libsql';

const FILES = { ...DATA_FILES };
type DataFile = keyof typeof FILES;

/** Ids of the sagas in the folder, by what has become of them. */
export type SagaIds = Readonly<
  Record<'rented' | 'returned' | 'late' | 'undone' | 'cleared' | 'renting' | 'returning' | 'confirming', string>
>;

/** A data folder that holds a bit of everything, and copies of it for tests to damage. */
export class DataFolders {
  private readonly copies: string[] = [];

  private constructor(
    private readonly stage: Stage,
    readonly sagas: SagaIds,
  ) {}

  /**
   * jenny has rented book 1 (with a key) and returned it; she was a day late with book 2, and has cleared that. scott's
   * rent of book 1 was undone; he holds book 3. In flight: hana's return of book 6, which the book has not confirmed;
   * minji's rent of book 4 and dahye's return of book 5, of which the member service has not heard. Books 7 to 12 are on
   * the shelf. A message that nobody can read is parked three times, and one of them is discarded.
   */
  static async make(): Promise<DataFolders> {
    const stage = new Stage(() => undefined, { ...DEFAULT_TIMING, graceMs: 1_000 });
    await stage.start();
    const { desk, log, clock, library } = stage;
    for (let book = 1; book <= 12; book++) await desk.registerBook(`Volume ${book}`);
    for (const id of ['jenny', 'scott', 'minji', 'dahye', 'hana']) await desk.registerMember(id, id);
    await library.log.publish([
      { topic: 'rental_rent', key: 'nobody', value: undefined, headers: {}, time: clock.now() },
    ]);

    const rented = (await desk.rent('jenny', 1, { key: 'k-1', wait: false })).body.id!;
    await stage.quiet();
    const undone = (await desk.rent('scott', 1)).body.sagaId!;
    const returned = (await desk.giveBack('jenny', 1, { wait: false })).body.id!;
    await desk.rent('jenny', 2);
    clock.shiftBy(15 * 86_400_000);
    const late = (await desk.giveBack('jenny', 2, { wait: false })).body.id!;
    await stage.quiet();
    await desk.clear('jenny', 10);
    const cleared = (await desk.sagasIn('COMPLETED')).find(({ type }) => type === 'OVERDUE')!.id;
    await desk.addPoints('jenny', 5, 'She helped.');
    await Promise.all([desk.rent('scott', 3), desk.rent('dahye', 5), desk.rent('hana', 6)]);
    await stage.quiet();
    const [parked] = await desk.parked();
    await desk.seeTo(parked!.id, 'discard', 'A test message.');

    log.add({ to: 'book-service', topic: 'rental_return_confirm', becomes: 'held' });
    const confirming = (await desk.giveBack('hana', 6, { wait: false })).body.id!;
    await stage.until('it waited for the book', async () => (await desk.saga(confirming)).status === 'CONFIRMING');
    log.add({ to: 'member-service', becomes: 'held' });
    const renting = (await desk.rent('minji', 4, { wait: false })).body.id!;
    const returning = (await desk.giveBack('dahye', 5, { wait: false })).body.id!;
    await stage.until('the book had done its part', async () =>
      (await desk.saga(returning)).steps.some(({ state }) => state === 'done'),
    );

    await stage.stop();
    return new DataFolders(stage, { rented, undone, returned, late, cleared, confirming, renting, returning });
  }

  copy(): DamagedFolder {
    const folder = mkdtempSync(join(tmpdir(), 'library-damaged-'));
    this.copies.push(folder);
    cpSync(this.stage.folder, folder, { recursive: true });
    return new DamagedFolder(folder);
  }

  async remove(): Promise<void> {
    for (const folder of this.copies) rmSync(folder, { recursive: true, force: true });
    await this.stage.throwAway();
  }
}

/** A folder in which a test writes what no service would. */
export class DamagedFolder {
  constructor(readonly path: string) {}

  /** Fails when it changes nothing: then the test would prove nothing. */
  change(file: DataFile, sql: string, ...values: readonly (string | number | null | Uint8Array)[]): void {
    const database = new Database(join(this.path, FILES[file]));
    const { changes } = database.prepare(sql).run([...values]);
    database.close();
    if (changes === 0) throw new Error(`Nothing was changed: ${sql}`);
  }

  /** What the first column of the first row says. */
  value(file: DataFile, sql: string, ...values: readonly (string | number)[]): unknown {
    const database = new Database(join(this.path, FILES[file]));
    const [row] = database
      .prepare(sql)
      .raw()
      .all([...values]) as [[unknown]];
    database.close();
    return row[0];
  }

  /** Appends a message as if somebody had published it. */
  append(topic: string, headers: Readonly<Record<string, string>>): void {
    const time = Date.now();
    this.change(
      'log',
      `INSERT INTO messages SELECT topics.id, 0, coalesce(max(offset), -1) + 1, NULL, x'7b7d', ?, ?, 0
       FROM topics LEFT JOIN messages ON messages.topic = topics.id AND partition = 0 WHERE name = ?`,
      compactHeaders(headers, undefined, time),
      time,
      topic,
    );
  }

  /** Deletes the messages with this id from a topic. */
  async loseMessage(topic: string, id: string): Promise<void> {
    const log = LogReader.open(join(this.path, FILES.log));
    for (const [partition, end] of (await log.ends(topic)).entries()) {
      for (const { offset, headers } of await log.read(topic, partition, 0, end)) {
        if (headers['ce_id'] !== id) continue;
        const sql =
          'DELETE FROM messages WHERE topic = (SELECT id FROM topics WHERE name = ?) AND partition = ? AND offset = ?';
        this.change('log', sql, topic, partition, offset);
      }
    }
  }
}
