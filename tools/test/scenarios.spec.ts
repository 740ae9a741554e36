import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const TOOL = join(__dirname, '..', 'list-scenarios.js');

function run(...asked: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [TOOL, ...asked], { encoding: 'utf8' });
  return { status, faults: stdout.split('\n').filter((line) => line !== ''), stderr };
}

describe('docs/scenarios.md (`npm run docs` writes it)', () => {
  it('has a test or a reason for every row, and says what the tests say', () => {
    expect(run('--check')).toEqual({ status: 0, faults: [], stderr: '' });
  });
});

describe('the check of the scenarios', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'scenarios-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }

  const NOT_WRITTEN = 'docs/scenarios.md is not up to date: `npm run docs` writes it.';

  /** The rows of docs/scenarios.yaml, and specs by their paths. */
  function given(rows: Readonly<Record<string, object>>, specs: Readonly<Record<string, string>>): void {
    const stated = Object.entries(rows).map(([id, row]) => [id, { when: 'it rains', holds: 'it is wet', ...row }]);
    write('docs/scenarios.yaml', JSON.stringify([{ group: 'Weather', rows: Object.fromEntries(stated) }]));
    for (const [file, text] of Object.entries(specs)) write(file, text);
  }

  /** What it says, but for the page, which is not there. */
  const check = () => run('--check', '--root', root).faults.filter((fault) => fault !== NOT_WRITTEN);

  const UNTESTED = { untested: 'no umbrella' };
  const RAIN = 'book-service/test/rain.spec.ts';

  it('finds rows in titles and tables, however they are written', () => {
    const told = [
      "it('is wet [A1]', () => {})",
      "it('[A2] is wet', () => {})",
      "it('A3: is wet', () => {})",
      "describe('rain (A4)', () => { it('is wet', () => {}); })",
      "it('is wet [AC-20 A5, A6]', () => {})",
      "it('is wet [A7–A9]', () => {})",
      'it.each([1])(`is wet by ${day} [A10 $more]`, () => {})',
      "it.each([['wet [A11]', 1]])('is %s', () => {})",
      "const STORIES = [{ title: 'rain', rows: 'A12 A13' }]; it.each(STORIES)('$title', () => {})",
      "it.concurrent.each([1])('is wet [A14]', () => {})",
      "(servers ? describe : describe.skip)('rain [A15]', () => {})",
    ];
    const rows = Array.from({ length: 15 }, (_, at) => [`A${at + 1}`, {}]);
    given(Object.fromEntries(rows), { [RAIN]: told.join(';\n') });

    expect(check()).toEqual([]);
  });

  it('finds none in comments, in code, in words, and in other specs', () => {
    const specs = {
      [RAIN]: "// it('is wet [A1]')\nit('is wet', () => { cells[A2]; }); it('is wet [BA3]', () => {})",
      'tools/test/rain.spec.ts': "it('is wet [A4]', () => {})",
    };
    given({ A1: {}, A2: {}, A3: {}, A4: {} }, specs);

    expect(check()).toEqual(
      ['A1', 'A2', 'A3', 'A4'].map((id) => `${id} has neither a test nor a reason why it has none.`),
    );
  });

  it('finds those of what a spec plays, however far away, and reports what no spec plays', () => {
    const specs = {
      'system-tests/test/rain.ts': "export function rain() { it('is wet [A1]', () => {}); }",
      'system-tests/test/weather.ts': "import { rain } from './rain';",
      'system-tests/test/weather.spec.ts': "import './weather';",
      'system-tests/test/snow.ts': "it('is cold [A2]', () => {})",
    };
    given({ A1: {}, A2: UNTESTED }, specs);

    expect(check()).toEqual(['system-tests/test/snow.ts names rows, and no spec plays it.']);
  });

  it('reports a row with a test and a reason why it has none', () => {
    given({ A1: UNTESTED }, { [RAIN]: "it('is wet [A1]', () => {})" });

    expect(check()).toEqual([`A1 is tested by ${RAIN}, and yet has a reason why it is not.`]);
  });

  it('tells an invariant from a row that looks like it', () => {
    given({ G1: {}, G1p: {} }, { [RAIN]: "it('is wet [G1p]', () => {})" });

    expect(check()).toEqual(['G1 has neither a test nor a reason why it has none.']);
  });

  it('reports an id that is no row', () => {
    given({ A1: {} }, { [RAIN]: "it('is wet [A1 A99]', () => {})" });

    expect(check()).toEqual([`A99, which ${RAIN} names, is no row.`]);
  });

  it('reports a page that says something else than the tests', () => {
    given({ A1: {} }, { [RAIN]: "it('is wet [A1]', () => {})" });
    run('--root', root);
    expect(run('--check', '--root', root).faults).toEqual([]);
    write(RAIN, "it('is dry [A1]', () => {})");

    expect(run('--check', '--root', root).faults).toEqual([NOT_WRITTEN]);
  });
});
