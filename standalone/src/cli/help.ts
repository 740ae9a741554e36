import { COMMON, nearest, optionsOf, usageOf } from './arguments';
import { pairs, type Paint } from './display';
import { misused } from './exit';
import type { Verb } from './verb';
import type { VerbOption } from './syntax';

const EXITS =
  'Ends with 0 ok, 1 failed, 2 not understood, 3 not found, 4 conflict, 5 nothing answers, 6 an invariant is broken.';

/** Explains a verb, a family of verbs, or all of them. Throws CannotDo when there is none such. */
export function helpOn(words: readonly string[], verbs: readonly Verb[], paint: Paint): string {
  if (words.length === 0) return overview(verbs, paint);

  const name = words.slice(0, 2).join(' ');
  const verb = verbs.find((one) => one.name === name) ?? verbs.find((one) => one.name === words[0]);
  const family = verbs.filter((one) => one.name.split(' ')[0] === words[0]);
  if (verb && (words.length > 1 || family.length === 1)) return explained(verb, paint);
  if (family.length > 0) return `${linesOf(family)}\n\n\`library <command> --help\` explains one of them.`;

  const meant = nearest(words[0]!, [...new Set(verbs.map((one) => one.name.split(' ')[0]!))]);
  return misused(
    `There is no \`library ${words[0]}\`. ${meant === undefined ? 'See `library help`.' : `Did you mean \`library ${meant}\`?`}`,
  );
}

function overview(verbs: readonly Verb[], paint: Paint): string {
  return [
    `${paint.strong('library')} — rents, returns, and everything an operator of the library does`,
    '',
    linesOf(verbs),
    '',
    paint.dim('Every command takes'),
    optionsText(COMMON),
    '',
    `\`library <command> --help\` explains one of them, \`library --version\` names the release. ${EXITS}`,
  ].join('\n');
}

function explained(verb: Verb, paint: Paint): string {
  return [
    paint.strong(usageOf(verb)),
    '',
    `${verb.says}${verb.more === undefined ? '' : ` ${verb.more}`}`,
    '',
    optionsText(optionsOf(verb)),
  ].join('\n');
}

function linesOf(verbs: readonly Verb[]): string {
  return pairs(verbs.map((verb) => [`  ${usageOf({ ...verb, options: {} }).replace(/^library /, '')}`, verb.says]));
}

function optionsText(options: Readonly<Record<string, VerbOption>>): string {
  return pairs(
    Object.entries(options).map(([name, { takes, says }]) => [
      `  --${name}${takes === undefined ? '' : ` ${takes}`}`,
      says,
    ]),
  );
}
