import { load } from './load';
import type { Load, Task } from './load';
import type { Target } from './target';

export interface Measured extends Load {
  /** Of the library's own processes. */
  readonly cpuMsPerSaga: number;
  /** Of the library's own processes, at the end. */
  readonly memoryMb: number;
}

/** One load on a library, and what it cost. */
export async function measured(target: Target, task: Task): Promise<Measured> {
  const calls = target.calls(task.clients);
  const cpuBefore = cpuSecondsOf(target);
  const run = await load(calls, { ...task, ...target.population });
  calls.close();
  const cpuMsPerSaga = ((cpuSecondsOf(target) - cpuBefore) * 1_000) / run.sagas;
  return { ...run, cpuMsPerSaga, memoryMb: memoryMbOf(target) };
}

/** Of all its processes, without the servers that they use; NaN where the system does not tell. */
export function memoryMbOf(target: Target): number {
  return target.costs().reduce((sum, { memoryMb = Number.NaN }) => sum + memoryMb, 0);
}

function cpuSecondsOf(target: Target): number {
  return target.costs().reduce((sum, { cpuSeconds = Number.NaN }) => sum + cpuSeconds, 0);
}
