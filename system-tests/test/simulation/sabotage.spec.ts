import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SABOTAGES } from '../../src/simulation/sabotage/table';
import { planOf } from '../../src/simulation/plan/plan-of';
import { runSeed } from '../../src/simulation/seed-run';
import { simulate } from '../../src/simulation/simulate';

const PAGE = join(__dirname, '..', '..', '..', 'docs', 'simulation.md');
const guard = (name: string) => SABOTAGES.find((each) => each.guard === name)!;

describe('When a guard is switched off', () => {
  it.each([
    ['fence', 1],
    ['version check', 2],
    ['unique ledger', 1],
    ['offset after commit', 1],
  ])('%s, seed %i shows it', async (name, seed) => {
    const on = guard(name).off();
    try {
      expect((await simulate(planOf(seed, 'small'))).violations).not.toEqual([]);
    } finally {
      on();
    }
    expect((await simulate(planOf(seed, 'small'))).violations).toEqual([]);
  });

  it('the shortest history that shows it is told, and the command that repeats it', async () => {
    const on = guard('unique ledger').off();
    try {
      const { broken } = await runSeed(1, { size: 'small' });
      expect(broken?.violations.map(({ invariant }) => invariant)).toContain('G3');
      expect(broken?.command).toMatch(/^npm run simulate -- --seed 1 --size small --faults none --calls \d+$/);
      expect(broken?.story).toContain('VIOLATION G3');
    } finally {
      on();
    }
  });

  it('the page says who notices, for each guard there is', () => {
    const rows = readFileSync(PAGE, 'utf8')
      .split('\n')
      .filter((line) => (line.startsWith('| ') && line.includes(' seed ')) || / asked to /.test(line));
    const noticed = rows.map((row) => row.split('|').map((cell) => cell.trim()));

    expect(noticed.map(([, name]) => name)).toEqual(SABOTAGES.map(({ guard: name }) => name));
    expect(noticed.filter(([, , , by]) => by === '')).toEqual([]);
  });
});
