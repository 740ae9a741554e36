import type { EmbeddedTarget } from './embedded-target';
import type { Task } from './load';
import { measured } from './measured';
import type { Measured } from './measured';

/** A part of the way, between two looks. */
export interface Stretch extends Measured {
  /** Sagas that had ended when it began. */
  readonly after: number;
  /** By which the folder grew meanwhile. */
  readonly bytesPerSaga: number;
}

export interface Growth {
  readonly stretches: readonly Stretch[];
  /** CPU per saga in the last fifth of the way, in relation to the second fifth: in the first, code is still compiled. */
  readonly costRatio: number;
  /** By which the folder grows for each saga in the last fifth of the way, when every member has a card. */
  readonly bytesPerSaga: number;
  /** Milliseconds from its start until it is ready, with all that data. */
  readonly readyMs: number;
  readonly memoryMb: number;
}

/**
 * Has a library finish so many sagas, and looks after each task whether a saga becomes dearer the more there have been. Then
 * it is started anew. `passed` is told of each stretch.
 */
export async function grow(
  target: EmbeddedTarget,
  sagas: number,
  task: Task,
  passed: (stretch: Stretch) => void,
): Promise<Growth> {
  let kept = target.bytesKept;
  const stretches: Stretch[] = [];
  for (let after = 0; after < sagas;) {
    const stretch = await measured(target, task);
    if (stretch.sagas === 0) throw new Error(`No saga ended in ${task.seconds} s: ${JSON.stringify(stretch)}.`);
    const { bytesKept } = target;
    const longer = { ...stretch, after, bytesPerSaga: (bytesKept - kept) / stretch.sagas };
    kept = bytesKept;
    stretches.push(longer);
    passed(longer);
    after += stretch.sagas;
  }
  const { memoryMb } = stretches.at(-1)!;
  const readyMs = await target.restart();
  return {
    stretches,
    costRatio: perSaga(fifth(stretches, 4), 'cpuMsPerSaga') / perSaga(fifth(stretches, 1), 'cpuMsPerSaga'),
    bytesPerSaga: perSaga(fifth(stretches, 4), 'bytesPerSaga'),
    readyMs,
    memoryMb,
  };
}

function fifth(stretches: readonly Stretch[], which: number): readonly Stretch[] {
  const from = Math.floor((stretches.length * which) / 5);
  return stretches.slice(from, Math.max(Math.floor((stretches.length * (which + 1)) / 5), from + 1));
}

function perSaga(stretches: readonly Stretch[], what: 'cpuMsPerSaga' | 'bytesPerSaga'): number {
  const sagas = stretches.reduce((sum, stretch) => sum + stretch.sagas, 0);
  return stretches.reduce((sum, stretch) => sum + stretch[what] * stretch.sagas, 0) / sagas;
}
