'use strict';

const ID = String.raw`[A-Z]\d{1,2}[a-z]?`;
/** A row or a range of them; or what may stand beside them: a criterion of acceptance, or what a table fills in. */
const NAMED = String.raw`(?:${ID}(?:[–-]${ID})?|AC-\d+|\$\w+|…)`;
const IDS = String.raw`${NAMED}(?:[ ,]+${NAMED})*`;

/** Ids at the end or the beginning of what is said: `… [A4 A5]`, `[Q3] …`, `… (H6)`; two tests of one row each are `[A4] [A5]`. */
const BRACKETED = new RegExp(String.raw`\s*\[(${IDS})\]|\s*\((${IDS})\)`, 'g');
/** `A4: …` */
const HEADING = new RegExp(`^(${IDS}): `);
const NOTHING_ELSE = new RegExp(`^${IDS}$`);
const ONE_OR_RANGE = new RegExp(String.raw`(?<!\w)(${ID})(?:[–-](${ID}))?`, 'g');

/** The ids in a title, and what it says without them. */
function readTitle(text) {
  const ids = [...text.matchAll(BRACKETED)].flatMap(([, square, round]) => idsOf(square ?? round));
  const heading = HEADING.exec(text);
  if (heading) ids.push(...idsOf(heading[1]));
  if (ids.length === 0) return { ids, says: text };
  return { ids, says: text.replaceAll(BRACKETED, '').replace(HEADING, '').trim() };
}

/** The ids of a text that holds nothing else, as in `rows: 'C3 C4'`; none of any other text. */
function readRows(text) {
  return NOTHING_ELSE.test(text) ? idsOf(text) : [];
}

function idsOf(text) {
  return [...text.matchAll(ONE_OR_RANGE)].flatMap(([, first, last]) => (last ? range(first, last) : [first]));
}

/** `C3–C5` is C3, C4 and C5; a range across letters, or backwards, is left as it is, and so names no row. */
function range(first, last) {
  const [from, to] = [Number(first.slice(1)), Number(last.slice(1))];
  if (first[0] !== last[0] || !(from <= to)) return [`${first}–${last}`];
  return Array.from({ length: to - from + 1 }, (_, at) => `${first[0]}${from + at}`);
}

module.exports = { readTitle, readRows };
