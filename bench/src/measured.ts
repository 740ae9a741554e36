import { load } from './load';
import type { Load, Task } from './load';
import type { Target } from './target';

/** What is loaded, and what that costs it. */
export type Loaded = Pick<Target, 'calls' | 'costs' | 'population'>;

export interface Measured extends Load {
  /** Of the library's own processes. */
  readonly cpuMsPerSaga: number;
  /** Of the library's own processes, at the end. */
  readonly memoryMb: number;
}

/** One load on a library, and what it cost. */
export async function measured(target: Loaded, task: Task): Promise<Measured> {
  const calls = target.calls(task.clients);
  const cpuBefore = cpuSecondsOf(target);
  const run = await load(calls, { ...task, ...target.population });
  calls.close();
  const cpuMsPerSaga = ((cpuSecondsOf(target) - cpuBefore) * 1_000) / run.sagas;
  return { ...run, cpuMsPerSaga, memoryMb: memoryMbOf(target) };
}

/** Of all its processes, without the servers that they use; NaN where the system does not tell. */
export function memoryMbOf(target: Pick<Target, 'costs'>): number {
  return target.costs().reduce((sum, { memoryMb = Number.NaN }) => sum + memoryMb, 0);
}

function cpuSecondsOf(target: Pick<Target, 'costs'>): number {
  return target.costs().reduce((sum, { cpuSeconds = Number.NaN }) => sum + cpuSeconds, 0);
}
