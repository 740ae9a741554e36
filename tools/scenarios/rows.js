'use strict';

const { readFileSync } = require('node:fs');
const { parse } = require('yaml');

/**
 * @typedef {{ id: string, when: string, holds: string, untested?: string }} Row
 * @typedef {{ group: string, about?: string, rows: readonly Row[] }} Group
 */

/** The rows as docs/scenarios.yaml states them, in its order. @returns {readonly Group[]} */
function rowsIn(file) {
  return parse(readFileSync(file, 'utf8')).map(({ rows, ...group }) => ({
    ...group,
    rows: Object.entries(rows).map(([id, row]) => ({ id, ...row })),
  }));
}

module.exports = { rowsIn };
