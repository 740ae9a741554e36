import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { claimsOf } from './fixtures';

interface Report {
  modules: { source: string; dependencies: { resolved: string }[] }[];
  summary: {
    violations: { from: string; to: string; rule: { name: string }; cycle?: { name: string }[] }[];
    ruleSetUsed: { forbidden: { name: string }[] };
  };
}

const ROOT = join(__dirname, '..', '..');
const FIXTURES = join(ROOT, 'tools', 'architecture-fixtures');

/** Runs dependency-cruiser as `npm run arch` does. The fixtures are a library of their own, in which paths start alike. */
function cruise(library: string): Report {
  const program = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const config = join(ROOT, '.dependency-cruiser.cjs');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [program, '--config', config, '--output-type', 'json', '*/src', '*/test'],
    { cwd: library, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser gave no report: ${stdout}${stderr}`);
  return JSON.parse(stdout) as Report;
}

describe('the architecture rules', () => {
  let fixtures: Report;
  let repository: Report;

  beforeAll(() => {
    fixtures = cruise(FIXTURES);
    repository = cruise(ROOT);
  }, 60_000);

  it('report each fixture that breaks them, and no other file', () => {
    const reported = fixtures.summary.violations.flatMap(({ from, rule, cycle = [] }) =>
      [from, ...cycle.map(({ name }) => name)].map((file) => `${file}: ${rule.name}`),
    );

    expect([...new Set(reported)].toSorted()).toEqual(claimsOf(FIXTURES));
  });

  it('have a fixture each', () => {
    const rules = fixtures.summary.ruleSetUsed.forbidden.map(({ name }) => name);
    const broken = claimsOf(FIXTURES).map((claim) => claim.split(': ')[1]);

    expect(rules).not.toHaveLength(0);
    expect(rules.filter((name) => !broken.includes(name))).toEqual([]);
  });

  it('hold in this repository', () => {
    const broken = repository.summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} -> ${to}`);

    expect(broken).toEqual([]);
    expect(repository.modules).not.toHaveLength(0);
  });

  it('judge an import of another workspace by the source it leads to', () => {
    const imported = repository.modules
      .filter(({ source }) => !source.startsWith('shared-kernel/'))
      .flatMap(({ dependencies }) => dependencies.map(({ resolved }) => resolved));

    expect(imported).toContainEqual(expect.stringMatching(/^shared-kernel\/src\//));
    expect(imported.filter((path) => /^[^/]+\/dist\/|^@library\//.test(path))).toEqual([]);
  });
});
