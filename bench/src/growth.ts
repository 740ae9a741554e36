import type { EmbeddedTarget } from './embedded-target';
import { inTurns } from './in-turns';
import type { Turns } from './in-turns';
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
  /** The library with all that data, and a new one with as many members and books. */
  readonly beside: Turns;
}

/** How many pairs of turns it takes with a new one, and how long each of them is. */
const PAIRS = 10;
const TURN_SECONDS = 6;

/**
 * Has a library finish so many sagas, and looks after each task. Then it is started anew, and takes turns with a new one, which
 * shows whether a saga becomes dearer the more there have been. `passed` is told of each stretch.
 */
export async function grow(
  target: EmbeddedTarget,
  begin: () => Promise<EmbeddedTarget>,
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
  const fresh = await begin();
  try {
    const beside = await inTurns(target, fresh, PAIRS, { ...task, seconds: TURN_SECONDS });
    return { stretches, bytesPerSaga: bytesPerSagaAtLast(stretches), readyMs, memoryMb, beside };
  } finally {
    await fresh.stop();
  }
}

function bytesPerSagaAtLast(stretches: readonly Stretch[]): number {
  const last = stretches.slice(Math.floor((stretches.length * 4) / 5));
  const sagas = last.reduce((sum, stretch) => sum + stretch.sagas, 0);
  return last.reduce((sum, stretch) => sum + stretch.bytesPerSaga * stretch.sagas, 0) / sagas;
}
