import { setTimeout as pause } from 'node:timers/promises';
import type { Target } from './target';

/** What a start leaves to be done is over by then. */
const SETTLED_MS = 20_000;

export interface Idle {
  readonly target: Target['name'];
  readonly seconds: number;
  /** What each process took of one core, in percent; undefined where the system does not tell. */
  readonly percentOfCore: Readonly<Record<string, number | undefined>>;
  readonly percentInAll: number;
  /** Undefined where nobody counts them. */
  readonly linesLogged: number | undefined;
}

/** What a library costs that has nothing to do, measured for so many seconds after it has settled. */
export async function measureIdle(target: Target, seconds: number): Promise<Idle> {
  await pause(SETTLED_MS);
  const before = target.costs();
  const lines = target.linesLogged;
  const begun = performance.now();
  await pause(seconds * 1_000);
  const elapsed = (performance.now() - begun) / 1_000;

  const shares = target.costs().map(({ process, cpuSeconds }, at) => {
    const from = before[at]?.cpuSeconds;
    const percent = cpuSeconds === undefined || from === undefined ? undefined : ((cpuSeconds - from) / elapsed) * 100;
    return [process, percent] as const;
  });
  return {
    target: target.name,
    seconds: elapsed,
    percentOfCore: Object.fromEntries(shares),
    percentInAll: shares.reduce((sum, [, percent]) => sum + (percent ?? Number.NaN), 0),
    linesLogged: lines === undefined ? undefined : target.linesLogged! - lines,
  };
}
