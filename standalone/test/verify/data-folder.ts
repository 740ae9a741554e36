import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compactHeaders } from '@library/shared-kernel/embedded/compact-headers';
import { LogReader } from '@library/shared-kernel/embedded/log-reader';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { DATA_FILES } from '@library/standalone/library';
import { Stage, ZONE } from '@library/standalone/scenarios/stage';
import { verifyFolder } from '@library/standalone/verify/verify';
import Database from 'libsql';

export type DataFile = keyof typeof DATA_FILES;

/** A data folder that holds a bit of everything, and copies of it that tests may damage. */
export class DataFolders {
  private readonly copies: string[] = [];

  private constructor(
    private readonly stage: Stage,
    /** Ids of its sagas, by what they are. */
    readonly sagas: Readonly<Record<'rented' | 'returned' | 'undone' | 'renting' | 'returning' | 'confirming' | 'cleared', string>>,
  ) {}

  /**
   * jenny has rented (with a key) and returned book 1, later book 2 a day too late, and cleared that; scott holds book 3,
   * and his rent of book 1, while jenny had it, was undone; minji rents book 4, and dahye returns book 5, but the member
   * service has not heard of either; hana's return of book 6 is not confirmed; books 7 to 12 are on the shelf.
   */
  static async make(): Promise<DataFolders> {
    const stage = new Stage(() => undefined, { ...DEFAULT_TIMING, graceMs: 1_000 });
    await stage.start();
    const { desk, log } = stage;
    for (let book = 1; book <= 12; book++) await desk.registerBook(`Volume ${book}`);
    for (const id of ['jenny', 'scott', 'minji', 'dahye', 'hana']) await desk.registerMember(id, id);
    await stage.library.log.publish([{ topic: 'rental_rent', key: 'nobody', value: undefined, headers: {}, time: stage.clock.now() }]);

    const { body: rent } = await desk.rent('jenny', 1, { key: 'k-1', wait: false });
    await stage.quiet();
    const undone = (await desk.rent('scott', 1)).body.sagaId!;
    await desk.giveBack('jenny', 1);
    await desk.rent('jenny', 2);
    stage.clock.shiftBy(15 * 86_400_000);
    await desk.giveBack('jenny', 2);
    await desk.clear('jenny', 10);
    await desk.addPoints('jenny', 5, 'She helped.');
    await desk.rent('scott', 3);
    await desk.rent('dahye', 5);
    await desk.rent('hana', 6);
    await stage.quiet();
    const [parked, other] = await desk.parked();
    await desk.discard(parked!.id, 'A test message.');
    await desk.release(other!.id, 'A try.');

    const ended = async (type: string, which: number) => {
      const all = (await desk.sagasIn('COMPLETED')).filter((saga) => saga.type === type);
      return all.toSorted((one, another) => (one.id < another.id ? -1 : 1))[which]!.id;
    };
    log.add({ to: 'member-service', becomes: 'held' });
    log.add({ to: 'book-service', topic: 'rental_return_confirm', becomes: 'held' });
    const { body: renting } = await desk.rent('minji', 4, { wait: false });
    const { body: returning } = await desk.giveBack('dahye', 5, { wait: false });
    log.add({ to: 'nobody', becomes: 'held' });
    const sagas = {
      rented: rent.id!,
      undone,
      returned: await ended('RETURN', 0),
      cleared: await ended('OVERDUE', 0),
      renting: renting.id!,
      returning: returning.id!,
      confirming: '',
    };
    return new DataFolders(stage, sagas);
  }
}
