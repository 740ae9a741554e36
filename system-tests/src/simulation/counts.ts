import { FAULT_POINTS } from './plan/fault-points';
import type { FaultPoint } from './plan/fault-points';
import type { Simulated } from './simulate';

/** What many simulations come to; plain data, so that it may come from another thread. */
export interface Counts {
  runs: number;
  virtualMs: number;
  /** By fault point, how often it struck. */
  readonly faults: Record<string, number>;
  /** By type and outcome, such as `RENT COMPLETED`. */
  readonly sagas: Record<string, number>;
  /** By invariant, how many things were looked at. */
  readonly invariants: Record<string, number>;
}

export function noCounts(): Counts {
  return { runs: 0, virtualMs: 0, faults: {}, sagas: {}, invariants: {} };
}

export function countsOf({ virtualMs, struck, sagas, looked }: Simulated): Counts {
  const counts: Counts = { ...noCounts(), runs: 1, virtualMs };
  for (const [point, times] of struck) add(counts.faults, point, times);
  for (const { type, status } of sagas) add(counts.sagas, `${type} ${status}`, 1);
  for (const [invariant, times] of looked) add(counts.invariants, invariant, times);
  return counts;
}

export function addCounts(sum: Counts, more: Counts): void {
  sum.runs += more.runs;
  sum.virtualMs += more.virtualMs;
  for (const kind of ['faults', 'sagas', 'invariants'] as const) {
    for (const [name, times] of Object.entries(more[kind])) add(sum[kind], name, times);
  }
}

/** The fault points that have never struck: what they stand for was not tried. */
export function neverStruck({ faults }: Counts): readonly FaultPoint[] {
  return (Object.keys(FAULT_POINTS) as FaultPoint[]).filter((point) => !faults[point]);
}

export function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, times) => sum + times, 0);
}

function add(counts: Record<string, number>, name: string, times: number): void {
  counts[name] = (counts[name] ?? 0) + times;
}
