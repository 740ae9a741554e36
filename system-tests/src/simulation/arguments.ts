import { oneOf, parsed, wholeNumber, WrongUsage } from '@library/infra/command-line';
import { SIZES } from './plan/plan-of';
import type { SizeName } from './plan/plan-of';

export const USAGE = `npm run simulate -- [--seeds 200] [--seed 1] [--size small|medium|large|mixed] [--threads 2] [--json]
npm run simulate -- --seed 17 --size small [--faults 3,7] [--calls 0,4-9] [--story]
npm run simulate -- --matrix | --sabotage [--write]

Runs the whole library in simulated time: real services, simulated clock, log and stores, and everything that can go
wrong. The same seed leads to the same history, to the byte.

  --seeds N     how many seeds to run, from --seed on
  --size        how large a library is; mixed is one medium in eight seeds, and one large in forty
  --faults, --calls   only these of the seed's faults and calls: by number, with commas and hyphens; none for none
  --story       also prints the history when nothing is wrong
  --matrix      every saga × participant × mishap × direction
  --sabotage    switches each guard off in turn: somebody must notice; --write puts the table into docs/simulation.md
  --json        the counts as one line of JSON

Exit codes: 0 all is well, 1 not all of it was run, 2 usage, 6 an invariant was broken, or some kind of fault never struck.`;

export interface Asked {
  readonly what: 'seeds' | 'matrix' | 'sabotage';
  readonly from: number;
  readonly seeds: number;
  readonly size: SizeName | 'mixed';
  readonly threads: number;
  /** Absent: all of them. */
  readonly faults?: ReadonlySet<number>;
  readonly calls?: ReadonlySet<number>;
  readonly story: boolean;
  readonly write: boolean;
  readonly json: boolean;
}

/** Throws WrongUsage when that cannot be meant. */
export function readArguments(given: readonly string[]): Asked {
  const { values } = parsed({
    args: [...given],
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string', default: '1' },
      size: { type: 'string', default: 'mixed' },
      threads: { type: 'string', default: '2' },
      faults: { type: 'string' },
      calls: { type: 'string' },
      story: { type: 'boolean', default: false },
      matrix: { type: 'boolean', default: false },
      sabotage: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const isOne = values.seeds === undefined && given.some((each) => each.startsWith('--seed'));
  const sizes = [...(Object.keys(SIZES) as SizeName[]), 'mixed'] as const;
  return {
    what: values.matrix ? 'matrix' : values.sabotage ? 'sabotage' : 'seeds',
    from: wholeNumber('--seed', values.seed),
    seeds: isOne ? 1 : wholeNumber('--seeds', values.seeds ?? '200', 1),
    size: oneOf('--size', values.size, sizes),
    threads: wholeNumber('--threads', values.threads, 1),
    ...(values.faults === undefined ? {} : { faults: numbersIn('--faults', values.faults) }),
    ...(values.calls === undefined ? {} : { calls: numbersIn('--calls', values.calls) }),
    story: values.story,
    write: values.write,
    json: values.json,
  };
}

/** Such as `0,4-9`, as `readArguments` reads it. */
export function rangesOf(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers.toSorted((one, other) => one - other)) {
    const last = ranges.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',') || 'none';
}

function numbersIn(option: string, text: string): ReadonlySet<number> {
  if (text === 'none') return new Set();
  return new Set(
    text.split(',').flatMap((range) => {
      const [first = '', last = first, ...more] = range.split('-');
      const [from, to] = [wholeNumber(option, first), wholeNumber(option, last)];
      if (to < from || more.length > 0) throw new WrongUsage(`${option} has ranges such as 4-9, not "${range}".`);
      return Array.from({ length: to - from + 1 }, (_, nth) => from + nth);
    }),
  );
}
