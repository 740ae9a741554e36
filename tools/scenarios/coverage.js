'use strict';

const { readdirSync } = require('node:fs');
const { basename, dirname, join, relative, sep } = require('node:path');
const { readTests } = require('./titles');

/** Where tests are told, or what several of them tell. */
const FOLDERS = ['test', join('src', 'testing'), join('src', 'scenarios')];
/** What tools test of themselves is no test of the library. */
const NOT_THE_LIBRARY = ['tools', 'node_modules'];
/** Whoever plays on this has a virtual clock, and a log and stores of its own that fail as it is told. */
const SIMULATED = join('system-tests', 'test', 'mortal-library.ts');

/**
 * @typedef {'unit' | 'embedded' | 'simulated' | 'real'} Layer
 * @typedef {{ file: string, layer: Layer, says: string }} Test what a spec says of a row; `file` is a path in the repository
 */

/**
 * Which tests name which rows. What is told in a file that is no spec counts for each spec that plays it, however far
 * away; told for nobody, it is one of `idle`.
 *
 * @returns {{ tests: ReadonlyMap<string, readonly Test[]>, idle: readonly string[] }}
 */
function coverageOf(root) {
  const files = new Map(filesIn(root).map((file) => [file, readTests(join(root, file))]));
  const specs = [...files.keys()].filter((file) => file.endsWith('.spec.ts'));
  const tests = new Map();
  const played = new Set();

  for (const spec of specs) {
    const reached = reachedFrom(spec, files);
    const layer = layerOf(spec, reached);
    for (const file of reached) {
      played.add(file);
      for (const { ids, says } of files.get(file).said)
        for (const id of ids) tests.set(id, [...(tests.get(id) ?? []), { file: spec, layer, says }]);
    }
  }
  const idle = [...files].filter(([file, { said }]) => said.length > 0 && !played.has(file)).map(([file]) => file);
  return { tests, idle };
}

function filesIn(root) {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NOT_THE_LIBRARY.includes(entry.name) && !entry.name.startsWith('.'))
    .flatMap(({ name }) => FOLDERS.map((folder) => join(name, folder)))
    .flatMap((folder) => typescriptIn(root, folder))
    .toSorted();
}

function typescriptIn(root, folder) {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
      .map((file) => join(folder, file));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

function reachedFrom(spec, files, reached = new Set()) {
  if (reached.has(spec) || !files.has(spec)) return reached;
  reached.add(spec);
  for (const source of files.get(spec).imports) {
    const file = resolved(source, spec);
    // What another spec tells is that spec's.
    if (file && !file.endsWith('.spec.ts')) reachedFrom(file, files, reached);
  }
  return reached;
}

/** The file that is imported, when it is one of this repository. */
function resolved(source, from) {
  if (source.startsWith('.')) return `${join(dirname(from), source)}.ts`;
  const [, workspace, path] = /^@library\/([^/]+)\/(.+)$/.exec(source) ?? [];
  return workspace && join(workspace, 'src', `${path}.ts`);
}

/** @returns {Layer} */
function layerOf(spec, reached) {
  if (basename(spec).endsWith('.int.spec.ts')) return 'real';
  if (reached.has(SIMULATED) || relative(join('system-tests', 'test', 'simulation'), spec).split(sep)[0] !== '..')
    return 'simulated';
  return /^(system-tests|standalone)\b/.test(spec) ? 'embedded' : 'unit';
}

module.exports = { coverageOf };
