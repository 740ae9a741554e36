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

const messagesKept = async () => {
  const { body } = await open.get('/ops/topics');
  return (body.items as { readonly messages: number }[]).reduce((sum, { messages }) => sum + messages, 0);
};

it('deletes messages that have been kept for as long as was asked, and breaks no invariant by it [R2]', async () => {
  open = await OpenLibrary.open({ clock, retentionMs: 7 * DAY_MS });
  await open.addMember('minji', '김민지');
  const [first, second] = [await open.addBook('채식주의자'), await open.addBook('소년이 온다')];
  expect(await open.rent('minji', first)).toMatchObject({ status: 201 });
  const kept = await messagesKept();
  expect(kept).toBeGreaterThanOrEqual(4);

  clock.later = 8 * DAY_MS;
  expect(await open.rent('minji', second)).toMatchObject({ status: 201 });
  clock.aMinutePasses();

  await open.until(async () => (await messagesKept()) <= kept);
  expect(await messagesKept()).toBe(kept);
  expect((await open.get('/ops/verify')).body).toMatchObject({ ok: true });
});
