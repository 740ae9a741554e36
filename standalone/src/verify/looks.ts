import { setTimeout as pause } from 'node:timers/promises';
import type { Findings, VerifyReport } from './report';

/** So often in a row something must be wrong before it counts. */
const IN_A_ROW = 3;
/** A system that never rests is looked at so often, and no longer. */
const MOST_LOOKS = 6;
/** Long enough for a sweep, so that what is only late is put right. */
export const NEXT_LOOK_MS = 1_500;

/**
 * Looks at something that cannot be seen at one moment: again and again, until nothing is wrong and nothing in flight, or
 * it is certain what is wrong. An offender counts when three looks in a row, the last one among them, have found the
 * same thing, with none of the records changed that contradict each other: then both were there at one moment.
 */
export async function lookUntilCertain(
  look: () => Promise<Findings>,
  pauseMs: number = NEXT_LOOK_MS,
): Promise<VerifyReport> {
  let inARow = new Map<string, number>();
  for (let looks = 1; ; looks++) {
    const found = await look();
    inARow = new Map([...found.subjects].map((subject) => [subject, (inARow.get(subject) ?? 0) + 1]));
    const unsure = [...inARow.values()].filter((times) => times < IN_A_ROW).length;

    const isCertain = unsure === 0 && (found.quiescent || looks >= IN_A_ROW);
    if (isCertain || looks === MOST_LOOKS) {
      const confirmed = found.only((subject) => (inARow.get(subject) ?? 0) >= IN_A_ROW);
      confirmed.note(looksNote(looks, confirmed.hasOffenders));
      if (unsure > 0) confirmed.note(unsureNote(unsure));
      return confirmed.report();
    }
    await pause(pauseMs);
  }
}

function looksNote(looks: number, isBroken: boolean): string {
  if (looks === 1) return 'Looked once: nothing was wrong.';
  return isBroken
    ? `Looked ${looks} times: what is named was wrong each of the last ${IN_A_ROW}.`
    : `Looked ${looks} times.`;
}

function unsureNote(unsure: number): string {
  return `${unsure} more things did not agree in the last look, while they changed: look again when less is going on.`;
}
