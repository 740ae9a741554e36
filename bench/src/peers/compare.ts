import { median } from '../percentile';
import type { Figures, System } from './system';

/** One system with so many clients: the medians of its rounds. */
export interface Row {
  readonly system: string;
  readonly clients: number;
  readonly sagasPerSecond: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  /** The first system's rate, in this one's. */
  readonly ratio: number;
  /** Each round's rate: how much the machine's noise is. */
  readonly rounds: readonly number[];
  readonly unexpected: readonly Readonly<Record<string, number>>[];
  /** Of each round, what its rate was computed from. */
  readonly parts: readonly Readonly<Record<string, number>>[];
}

export interface Rounds {
  readonly clients: readonly number[];
  readonly seconds: number;
  readonly rounds: number;
  /** Before the first round, for each system: at first, code is still being compiled. */
  readonly warmUpSeconds: number;
}

/** Measures each system in turn, round after round, so that whatever else the machine does meets all of them alike. */
export async function compare(
  systems: readonly System[],
  { clients, seconds, rounds, warmUpSeconds }: Rounds,
): Promise<readonly Row[]> {
  const figures = new Map<string, Figures[]>();
  for (const system of systems) await system.measure(Math.max(...clients), warmUpSeconds);
  for (let round = 0; round < rounds; round++) {
    for (const many of clients) {
      for (const system of systems) {
        const key = keyOf(system, many);
        figures.set(key, [...(figures.get(key) ?? []), await system.measure(many, seconds)]);
      }
    }
  }

  return clients.flatMap((many) => {
    const all = systems.map((system) => ({ system: system.name, ...summary(figures.get(keyOf(system, many))!) }));
    return all.map((row) => ({ clients: many, ...row, ratio: all[0]!.sagasPerSecond / row.sagasPerSecond }));
  });
}

function keyOf({ name }: System, clients: number): string {
  return `${clients} ${name}`;
}

function summary(figures: readonly Figures[]) {
  const rounds = figures.map(({ sagasPerSecond }) => sagasPerSecond);
  return {
    sagasPerSecond: median(rounds),
    p50Ms: medianOf(figures, 'p50Ms'),
    p99Ms: medianOf(figures, 'p99Ms'),
    rounds,
    unexpected: figures.flatMap(({ unexpected = {} }) => (Object.keys(unexpected).length > 0 ? [unexpected] : [])),
    parts: figures.flatMap(({ parts }) => (parts === undefined ? [] : [parts])),
  };
}

function medianOf(figures: readonly Figures[], what: 'p50Ms' | 'p99Ms'): number | undefined {
  const values = figures.flatMap((one) => one[what] ?? []);
  return values.length === 0 ? undefined : median(values);
}
