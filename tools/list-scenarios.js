'use strict';

const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { parseArgs } = require('node:util');
const { coverageOf } = require('./scenarios/coverage');
const { pageOf } = require('./scenarios/page');
const { rowsIn } = require('./scenarios/rows');

/**
 * Writes docs/scenarios.md. `--check` writes nothing, and says on one line each what is wrong: a row with neither a test
 * nor a reason, one with both, an id that is no row, tests that no spec plays, a page that says something else.
 */
async function main() {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, root: { type: 'string' } } });
  const root = values.root ?? join(__dirname, '..');
  const page = join(root, 'docs', 'scenarios.md');
  const groups = rowsIn(join(root, 'docs', 'scenarios.yaml'));
  const { tests, idle } = coverageOf(root);
  const written = await pageOf(groups, tests, page);

  if (!values.check) return writeFileSync(page, written);
  const faults = [...faultsOf(groups, tests, idle)];
  if (!existsSync(page) || readFileSync(page, 'utf8') !== written)
    faults.push('docs/scenarios.md is not up to date: `npm run docs` writes it.');
  for (const fault of faults) console.log(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

function* faultsOf(groups, tests, idle) {
  const rows = new Map(groups.flatMap((group) => group.rows).map((row) => [row.id, row]));
  for (const { id, untested } of rows.values()) {
    if (!tests.has(id) && !untested) yield `${id} has neither a test nor a reason why it has none.`;
    if (tests.has(id) && untested)
      yield `${id} is tested by ${tests.get(id)[0].file}, and yet has a reason why it is not.`;
  }
  for (const [id, [{ file }]] of tests) if (!rows.has(id)) yield `${id}, which ${file} names, is no row.`;
  for (const file of idle) yield `${file} names rows, and no spec plays it.`;
}

void main();
