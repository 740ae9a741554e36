import { settled, TestClock } from '@library/shared-kernel/testing/test-clock';
import { every } from '../../src/time/every';

describe('Doing something every second', () => {
  let clock: TestClock;
  let runs: number;
  let failures: unknown[];

  beforeEach(() => {
    clock = new TestClock();
    runs = 0;
    failures = [];
  });

  const repeat = (task: () => Promise<unknown>) => every(clock, 1_000, task, (error) => void failures.push(error));
  const count = async () => void runs++;
  /** A run that takes until it is told to finish. */
  function slowTask() {
    const finished: (() => void)[] = [];
    const task = () => {
      runs++;
      return new Promise<void>((resolve) => finished.push(resolve));
    };
    return { task, finish: () => finished.at(-1)?.() };
  }

  it('begins a second from now', async () => {
    repeat(count);
    await clock.advance(999);
    expect(runs).toBe(0);
    await clock.advance(1);
    expect(runs).toBe(1);
    await clock.advance(3_000);
    expect(runs).toBe(4);
  });

  it('never runs twice at once: the next second begins when a run is over [F8]', async () => {
    const { task, finish } = slowTask();
    repeat(task);
    await clock.advance(60_000);
    expect(runs).toBe(1);
    finish();
    await clock.advance(999);
    expect(runs).toBe(1);
    await clock.advance(1);
    expect(runs).toBe(2);
  });

  it('goes on after a run that failed, or that could not even begin, and tells of it', async () => {
    const bug = new Error('no');
    repeat(() => {
      runs++;
      if (runs === 1) throw bug;
      return Promise.reject(bug);
    });
    await clock.advance(3_000);

    expect(runs).toBe(3);
    expect(failures).toEqual([bug, bug, bug]);
  });

  it('ends when it is told to, once the run in hand is over', async () => {
    const { task, finish } = slowTask();
    const stop = repeat(task);
    await clock.advance(1_000);
    let stopped = false;
    const stopping = stop().then(() => (stopped = true));
    await settled();
    expect(stopped).toBe(false);
    finish();
    await stopping;
    await clock.advance(60_000);

    expect(runs).toBe(1);
    expect(clock.waiting).toBe(0);
  });
});
