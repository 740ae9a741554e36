import type { Clock } from './clock';

/**
 * Runs `task` every `ms`, counted from the end of its last run, so that runs never overlap. A run that fails is told to
 * `failed`, and the next one comes all the same. The answer ends it, once the run in hand is over.
 */
export function every(
  clock: Clock,
  ms: number,
  task: () => Promise<unknown>,
  failed: (error: unknown) => void,
): () => Promise<void> {
  let cancel: (() => void) | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;

  const schedule = () => {
    if (stopped) return;
    cancel = clock.after(ms, () => {
      running = Promise.resolve()
        .then(task)
        .then(() => undefined, failed)
        .then(schedule);
    });
  };
  schedule();

  return async () => {
    stopped = true;
    cancel?.();
    await running;
  };
}
