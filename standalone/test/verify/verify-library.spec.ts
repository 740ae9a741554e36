import { setTimeout as pause } from 'node:timers/promises';
import { Stage } from '@library/standalone/scenarios/stage';
import { DataFolder } from '@library/standalone/verify/folder-evidence';

jest.setTimeout(60_000);

let stage: Stage;
beforeEach(async () => {
  stage = new Stage(() => undefined);
  await stage.start();
  for (const id of ['jenny', 'scott']) await stage.desk.registerMember(id, id);
  for (let book = 1; book <= 4; book++) await stage.desk.registerBook(`Volume ${book}`);
});
afterEach(() => {
  jest.restoreAllMocks();
  return stage.throwAway();
});

const damage = (status: string) =>
  stage.library.files.book.exclusively((file) =>
    file.statement(`UPDATE books SET body = json_set(body, '$.book.status', ?) WHERE id = '1'`).run(status),
  );

it('finds nothing wrong while sagas run', async () => {
  const done = new AbortController();
  const keepBusy = async (member: string, books: readonly number[]) => {
    while (!done.signal.aborted) {
      for (const book of books)
        if ((await stage.desk.rent(member, book)).status === 201) await stage.desk.giveBack(member, book);
    }
  };
  const busy = [keepBusy('jenny', [1, 2, 3]), keepBusy('scott', [3, 2, 4])];

  const reports = [];
  for (let times = 0; times < 5; times++) {
    await pause(50);
    reports.push(await stage.verifyNow());
  }
  done.abort();
  await Promise.all(busy);

  expect(reports.flatMap(({ checks }) => checks.flatMap(({ offenders }) => offenders))).toEqual([]);
  expect(reports.some(({ quiescent }) => !quiescent)).toBe(true);
});

it('is quiescent when nothing is in flight and nothing waits', async () => {
  await stage.desk.rent('jenny', 1);
  await stage.until('it was quiescent', async () => (await stage.verifyNow()).quiescent);

  expect((await stage.verifyNow()).ok).toBe(true);
});

it('reports what further looks still show', async () => {
  await stage.desk.rent('jenny', 1);
  await damage('AVAILABLE');
  const { ok, checks } = await stage.verifyNow();

  expect(ok).toBe(false);
  expect(checks.flatMap(({ offenders }) => offenders)).toEqual([
    'Book 1 is on the card of jenny, and the book says AVAILABLE.',
  ]);
});

it('does not report what a further look no longer shows', async () => {
  await stage.desk.rent('jenny', 1);
  await damage('AVAILABLE');
  let first: unknown;
  jest.spyOn(DataFolder.prototype, 'look').mockImplementationOnce(async function (this: DataFolder, ...asked) {
    first = await this.look(...asked);
    await damage('UNAVAILABLE');
    return first;
  });
  const { ok } = await stage.verifyNow();

  expect(first).toMatchObject({ hasOffenders: true });
  expect(ok).toBe(true);
});

it('can be asked twice at once', async () => {
  const reports = await Promise.all([stage.verifyNow(), stage.verifyNow()]);

  expect(reports.map(({ ok }) => ok)).toEqual([true, true]);
});
