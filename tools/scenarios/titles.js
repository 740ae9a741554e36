'use strict';

const { readFileSync } = require('node:fs');
const { parseSync } = require('@swc/core');
const { readRows, readTitle } = require('./ids');

const DESCRIBES = /^describe/;
const TESTS = /^(it|test)$/;
const ROWS = /^rows$/i;

/**
 * What a file of tests says of rows: in titles of `it`, `test` and `describe…`, also with `.each`; in whatever text has
 * ids in square brackets, such as a line of a table; and under a name `rows`. Read from the syntax tree, so that a comment
 * or a piece of code is never taken for a test.
 *
 * @returns {{ imports: readonly string[], said: readonly { ids: readonly string[], says: string }[] }}
 */
function readTests(file) {
  const imports = [];
  const said = [];
  const say = (ids, says) => ids.length > 0 && said.push({ ids, says });

  const walk = (node, about, inRows) => {
    if (Array.isArray(node)) return node.forEach((one) => walk(one, about, inRows));
    if (typeof node !== 'object' || node === null) return;

    const text = textOf(node);
    if (text !== undefined) {
      const { ids, says } = readTitle(text);
      say(text.includes('[') ? ids : [], inOne(about, says));
      if (inRows) say(readRows(text), about.join(' › '));
    }
    if (node.type === 'ImportDeclaration') imports.push(node.source.value);

    const name = node.type === 'CallExpression' && rootOf(node.callee);
    const title = name && (DESCRIBES.test(name) || TESTS.test(name)) && textOf(node.arguments[0]?.expression);
    if (title) {
      const { ids, says } = readTitle(title);
      say(ids, inOne(about, says));
      walk(node.callee, [...about, says]);
      walk(node.arguments.slice(1), DESCRIBES.test(name) ? [...about, says] : about);
      return;
    }

    const named = nameOf(node);
    const told = node.type === 'ObjectExpression' ? titleOf(node) : undefined;
    const within = told === undefined ? about : [...about, told];
    for (const part of Object.values(node)) walk(part, within, inRows || ROWS.test(named));
  };

  walk(parseSync(readFileSync(file, 'utf8'), { syntax: 'typescript', target: 'es2023' }).body, [], false);
  return { imports, said };
}

const inOne = (about, says) => [...about, says].filter((part) => part !== '').join(' › ');

/** A text as it is written; of a template, with … for what is filled in. */
function textOf(node) {
  if (node?.type === 'StringLiteral') return node.value;
  if (node?.type === 'TemplateLiteral') return node.quasis.map(({ cooked }) => cooked).join('…');
  return undefined;
}

/** `it` of `it.concurrent.each(table)`, whichever way it is called. */
function rootOf(node) {
  switch (node?.type) {
    case 'Identifier':
      return node.value;
    case 'MemberExpression':
      return rootOf(node.object);
    case 'CallExpression':
      return rootOf(node.callee);
    case 'TaggedTemplateExpression':
      return rootOf(node.tag);
    case 'ParenthesisExpression':
      return rootOf(node.expression);
    case 'ConditionalExpression':
      return rootOf(node.consequent);
    default:
      return undefined;
  }
}

function nameOf(node) {
  if (node.type === 'VariableDeclarator') return node.id.value;
  return node.type === 'KeyValueProperty' ? node.key.value : undefined;
}

function titleOf({ properties }) {
  const title = properties.find((property) => nameOf(property) === 'title');
  return title && textOf(title.value);
}

module.exports = { readTests };
