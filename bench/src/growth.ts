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
  /** By which the folder grows for each saga in the last fifth of the way, when every member has a card. */
  readonly bytesPerSaga: number;
  /** Milliseconds from its start until it is ready, with all that data. */
  readonly readyMs: number;
  readonly memoryMb: number;
}

/**
 * Has a library finish so many sagas, and looks after each task. Then it is started anew. `passed` is told of each stretch.
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
  return { stretches, bytesPerSaga: bytesPerSagaAtLast(stretches), readyMs, memoryMb };
}

function bytesPerSagaAtLast(stretches: readonly Stretch[]): number {
  const last = stretches.slice(Math.floor((stretches.length * 4) / 5));
  const sagas = last.reduce((sum, stretch) => sum + stretch.sagas, 0);
  return last.reduce((sum, stretch) => sum + stretch.bytesPerSaga * stretch.sagas, 0) / sagas;
}
