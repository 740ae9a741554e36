import type { EmbeddedTarget } from './embedded-target';
import { measured } from './measured';
import type { Measured } from './measured';

/** A part of the way, between two looks. */
export interface Stretch extends Measured {
  /** Sagas that had ended when it began. */
  readonly after: number;
  /** Of the whole folder, when it was over. */
  readonly bytesPerSaga: number;
}

export interface Growth {
  readonly stretches: readonly Stretch[];
  /** CPU per saga in the last fifth of the way, in relation to the second fifth: in the first, code is still compiled. */
  readonly costRatio: number;
  /** Milliseconds from its start until it is ready, with all that data. */
  readonly readyMs: number;
  readonly memoryMb: number;
  readonly verified: boolean;
}

/**
 * Has a library finish so many sagas, and looks whether a saga becomes dearer the more there have been. Then it is started
 * anew, and every effect is checked. `passed` is told of each stretch.
 */
export async function grow(
  target: EmbeddedTarget,
  settings: { readonly clients: number; readonly sagas: number; readonly seconds: number },
  passed: (stretch: Stretch) => void,
): Promise<Growth> {
  const empty = target.bytesKept;
  const stretches: Stretch[] = [];
  for (let after = 0; after < settings.sagas;) {
    const stretch = await measured(target, settings.clients, settings.seconds, 'COMPLETED');
    if (stretch.sagas === 0) throw new Error(`No saga ended in ${settings.seconds} s: ${JSON.stringify(stretch)}.`);
    const bytesPerSaga = (target.bytesKept - empty) / (after + stretch.sagas);
    stretches.push({ ...stretch, after, bytesPerSaga });
    passed(stretches.at(-1)!);
    after += stretch.sagas;
  }
  const { memoryMb } = stretches.at(-1)!;
  const readyMs = await target.restart();
  return {
    stretches,
    costRatio: costOf(fifth(stretches, 4)) / costOf(fifth(stretches, 1)),
    readyMs,
    memoryMb,
    verified: (await target.verify()).length === 0,
  };
}

function fifth(stretches: readonly Stretch[], which: number): readonly Stretch[] {
  const from = Math.floor((stretches.length * which) / 5);
  return stretches.slice(from, Math.max(Math.floor((stretches.length * (which + 1)) / 5), from + 1));
}

/** CPU milliseconds per saga. */
function costOf(stretches: readonly Stretch[]): number {
  const sagas = stretches.reduce((sum, stretch) => sum + stretch.sagas, 0);
  return stretches.reduce((sum, { cpuMsPerSaga, sagas: own }) => sum + cpuMsPerSaga * own, 0) / sagas;
}
