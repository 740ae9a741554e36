'use strict';

const { format, resolveConfig } = require('prettier');

const LAYERS = {
  unit: 'unit',
  embedded: 'embedded library',
  simulated: 'simulation',
  real: 'Kafka and MongoDB',
};

/** docs/scenarios.md: every row, with the tests that name it or why there is none. */
async function pageOf(groups, tests, file) {
  const rows = groups.flatMap((group) => group.rows);
  const untested = rows.filter(({ id }) => !tests.has(id));
  const onServers = rows.filter(({ id }) => tests.get(id)?.some(({ layer }) => layer === 'real'));

  const text = [
    '<!-- Written by `npm run docs` from scenarios.yaml and the titles of the tests. Change those, not this. -->',
    '# Scenarios, and where they are tested',
    `${rows.length} rows: ${rows.length - untested.length} are named by tests, ${onServers.length} of them on a real Kafka and a MongoDB-wire server too; ${untested.length} are not tested, each with its reason. A row that is named is not thereby proved: read the test.`,
    `Not tested: ${untested.map(({ id }) => `[${id}](#${id.toLowerCase()})`).join(', ')}.`,
    ...groups.flatMap(({ group, about, rows: own }) => [
      `## ${group}`,
      ...(about ? [about] : []),
      ...own.map((row) => entryOf(row, tests.get(row.id) ?? [])),
    ]),
  ].join('\n\n');
  return format(text, { ...(await resolveConfig(file)), parser: 'markdown' });
}

function entryOf({ id, when, holds, untested }, tests) {
  const lines = linesOf(tests);
  const body = lines.length > 0 ? lines : [`_Not tested._ ${untested ?? ''}`];
  return [
    `<a id="${id.toLowerCase()}"></a>**${id}** ${capital(plain(when))}: ${plain(holds)}.`,
    '',
    ...body.map((line) => `- ${line}`),
  ].join('\n');
}

/** One line for each spec, with what it says of the row. */
function linesOf(tests) {
  const bySpec = grouped(tests);
  return [...bySpec].map(([file, told]) => {
    const says = [...new Set(told.map((test) => test.says))].filter((text) => text !== '').map(plain);
    return `${LAYERS[told[0].layer]}, [${file.split('/').at(-1)}](../${file})${says.length > 0 ? `: ${says.join('; ')}` : ''}`;
  });
}

function grouped(tests) {
  const bySpec = new Map();
  for (const test of tests) bySpec.set(test.file, [...(bySpec.get(test.file) ?? []), test]);
  return bySpec;
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** As text, whatever is in it. */
function plain(text) {
  return text.replaceAll(/[\\`*_{}[\]<>|#$~]/g, String.raw`\$&`);
}

module.exports = { pageOf };
