import { rangesOf, readArguments } from '../../src/simulation/arguments';
import { runSeeds } from '../../src/simulation/crew';
import { planOf } from '../../src/simulation/plan/plan-of';
import { Random } from '../../src/simulation/random';
import { shrink } from '../../src/simulation/shrink';
import { VirtualTime } from '../../src/simulation/world/virtual-time';

describe('Virtual time', () => {
  it('wakes in order, those of one moment as they asked, and each with all that it leads to', async () => {
    const time = new VirtualTime(1_000);
    const woken: string[] = [];
    time.after(20, () => woken.push(`c at ${time.now()}`));
    time.after(10, () => {
      woken.push(`a at ${time.now()}`);
      void Promise.resolve().then(() => woken.push('then'));
    });
    time.after(10, () => woken.push('b'));
    time.after(5, () => woken.push('never'))();
    time.after(40, () => woken.push('later'));
    await time.pass(30);

    expect(woken).toEqual(['a at 1010', 'then', 'b', 'c at 1020']);
    expect(time.elapsed).toBe(30);
  });

  it('wakes a thousand in order, however they were asked for', async () => {
    const time = new VirtualTime(0);
    const random = new Random('a thousand');
    const woken: number[] = [];
    for (let nth = 0; nth < 1_000; nth++) time.after(random.below(300), () => woken.push(time.elapsed));
    await time.pass(300);

    expect(woken).toHaveLength(1_000);
    expect(woken).toEqual(woken.toSorted((one, other) => one - other));
  });
});

const draw = (random: Random) => Array.from({ length: 6_000 }, () => random.below(6));

describe('Random numbers', () => {
  it('follow from the seed, spread evenly, and do not depend on what others drew', () => {
    const numbers = draw(new Random('dice'));
    const other = new Random('dice');
    other.below(9);

    expect(draw(new Random('dice'))).toEqual(numbers);
    expect(draw(other.of('x'))).toEqual(draw(new Random('dice').of('x')));
    for (const side of [0, 1, 2, 3, 4, 5]) {
      expect(Math.abs(numbers.filter((number) => number === side).length - 1_000)).toBeLessThan(120);
    }
  });
});

describe('A plan', () => {
  it('is made shorter until nothing of it can be left out', async () => {
    const plan = planOf(7, 'medium');
    const needed = { faults: [plan.faults[1]!, plan.faults.at(-1)!], calls: [plan.calls[3]!, plan.calls[20]!] };
    const shortest = await shrink(
      plan,
      async ({ faults, calls }) =>
        needed.faults.every((fault) => faults.includes(fault)) && needed.calls.every((call) => calls.includes(call)),
    );

    expect(shortest.faults).toEqual(needed.faults);
    expect(shortest.calls).toEqual(needed.calls);
  });
});

const thread = (script: string) => new URL(`data:text/javascript,${encodeURIComponent(script)}`);
const ONE_RUN = `(await import('node:worker_threads')).parentPort.postMessage({ seed: 1 });`;

describe('A crew', () => {
  const asked = readArguments(['--seeds', '4', '--threads', '2']);

  it.each([
    ['ends too early', ONE_RUN, 'Only 2 of 4 seeds were run.'],
    ['gives up', `${ONE_RUN} process.exit(3);`, 'A thread has ended with exit code 3.'],
  ])('whose thread %s is missed', async (_what, script, because) => {
    await expect(runSeeds(asked, () => undefined, thread(script))).rejects.toThrow(because);
  });
});

describe('The command line', () => {
  it('names some faults and calls of a seed', () => {
    const asked = readArguments(['--seed', '17', '--size', 'small', '--faults', '3,7-9', '--calls', 'none']);

    expect(asked).toMatchObject({ what: 'seeds', from: 17, seeds: 1, size: 'small' });
    expect(asked).toHaveProperty('faults', new Set([3, 7, 8, 9]));
    expect(asked).toHaveProperty('calls', new Set());
    expect(rangesOf([9, 3, 8, 7])).toBe('3,7-9');
    expect(rangesOf([])).toBe('none');
  });

  it.each([
    [['--seeds', 'many'], '--seeds is a whole number from 1 to 999999999, not "many".'],
    [['--size', 'huge'], '--size is small or medium or large or mixed, not "huge".'],
    [['--faults', '1,x'], '--faults is a whole number from 0 to 999999999, not "x".'],
    [['--faults', '9-4'], '--faults has ranges such as 4-9, not "9-4".'],
    [['--calls', '1-2-3'], '--calls has ranges such as 4-9, not "1-2-3".'],
    [['--unheard'], "Unknown option '--unheard'"],
  ])('refuses %j', (given, because) => {
    expect(() => readArguments(given)).toThrow(because);
  });
});
