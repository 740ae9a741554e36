import type { Task } from './load';
import { measured } from './measured';
import type { Loaded, Measured } from './measured';
import { median } from './percentile';

/** Two libraries under the same load, one after the other, again and again. */
export interface Turns {
  readonly first: readonly Measured[];
  readonly second: readonly Measured[];
  /** CPU per saga of the first, in relation to the second: the median of the pairs. */
  readonly costRatio: number;
}

/**
 * Has two libraries take turns: what else goes on on the machine meanwhile meets both alike. Each begins every second pair, and
 * before the first one each has a turn that does not count, in which code is compiled.
 */
export async function inTurns(one: Loaded, other: Loaded, pairs: number, task: Task): Promise<Turns> {
  await measured(one, task);
  await measured(other, task);
  const first: Measured[] = [];
  const second: Measured[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const otherBegins = pair % 2 === 1;
    if (otherBegins) second.push(await measured(other, task));
    first.push(await measured(one, task));
    if (!otherBegins) second.push(await measured(other, task));
  }
  const ratios = first.map(({ cpuMsPerSaga }, pair) => cpuMsPerSaga / second[pair]!.cpuMsPerSaga);
  return { first, second, costRatio: median(ratios) };
}
