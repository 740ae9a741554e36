import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { OpenLibrary } from '../open-library';

const DAY_MS = 86_400_000;
const A_MINUTE = 60_000;

/** The real time, so many milliseconds later; what is done each minute is done when the test says so. */
class LaterClock extends SystemClock {
  later = 0;
  private minutely: (() => void)[] = [];

  override now(): number {
    return super.now() + this.later;
  }

  override after(ms: number, wake: () => void): () => void {
    if (ms !== A_MINUTE) return super.after(ms, wake);
    this.minutely.push(wake);
    return () => {
      this.minutely = this.minutely.filter((other) => other !== wake);
    };
  }

  aMinutePasses(): void {
    for (const wake of this.minutely.splice(0)) wake();
  }
}

const clock = new LaterClock();
let open: OpenLibrary;

afterEach(() => open.remove());

interface Topic {
  readonly messages: number;
  readonly partitions: readonly { readonly first: number }[];
}

/** Of all topics together. */
const messages = async () => {
  const topics = (await open.get('/ops/topics')).body.items as readonly Topic[];
  const kept = topics.reduce((sum, topic) => sum + topic.messages, 0);
  const deleted = topics.flatMap(({ partitions }) => partitions).reduce((sum, { first }) => sum + first, 0);
  return { kept, deleted };
};

it('deletes messages that have been kept for as long as was asked, and breaks no invariant by it [R2]', async () => {
  open = await OpenLibrary.open({ clock, retentionMs: 7 * DAY_MS });
  await open.addMember('minji', '김민지');
  const [first, second] = [await open.addBook('채식주의자'), await open.addBook('소년이 온다')];
  expect(await open.rent('minji', first)).toMatchObject({ status: 201 });
  const before = await messages();
  expect(before).toEqual({ kept: expect.any(Number), deleted: 0 });

  clock.later = 8 * DAY_MS;
  expect(await open.rent('minji', second)).toMatchObject({ status: 201 });
  clock.aMinutePasses();

  await open.until(async () => (await messages()).deleted >= before.kept);
  // An announcement, and three answers at least.
  expect((await messages()).kept).toBeGreaterThanOrEqual(4);
  expect((await open.get('/ops/verify')).body).toMatchObject({ ok: true });

  // A recount would miss the first rent.
  expect(await open.post('/ops/best-books/rebuilds', {})).toMatchObject({
    status: 409,
    body: { code: 'past-deleted' },
  });
  expect((await open.get('/best-books')).body).toHaveLength(2);
});
