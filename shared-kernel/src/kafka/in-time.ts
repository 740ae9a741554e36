import type { Clock } from '../time/clock';

/** What `work` answers or rejects with; or, when that takes longer than `ms`, what `late` does. The work goes on. */
export async function inTime<Answer>(
  clock: Clock,
  ms: number,
  work: Promise<Answer>,
  late: () => Answer,
): Promise<Answer> {
  let cancel: (() => void) | undefined;
  const over = new Promise<void>((resolve) => (cancel = clock.after(ms, resolve)));
  try {
    return await Promise.race([work, over.then(late)]);
  } finally {
    cancel?.();
  }
}

export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
