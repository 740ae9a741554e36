import { playScenario, SCENARIOS, type Played } from '../../scenarios/scenarios';
import type { StoryLine } from '../../scenarios/story';
import { nearest } from '../arguments';
import type { Call } from '../call';
import { counted, table, visible, type Paint } from '../display';
import { CannotDo, EXIT, misused, type Exit } from '../exit';
import type { Told } from '../told';
import type { Verb } from '../verb';

interface PlayedScenario extends Played {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly StoryLine[];
}

/** Failures, played on a library of their own and told as stories. */
export const SCENARIO_VERBS: readonly Verb[] = [
  {
    name: 'scenario ls',
    says: 'List the failures that can be watched.',
    run: async (call) =>
      call.told(SCENARIOS, (scenarios, paint) => {
        const rows = scenarios.map(({ id, title, rows: shows }) => [paint.strong(id), title, shows.join(' ')]);
        return `${table(['id', 'what happens', 'shows'], rows, paint)}\n\n\`library scenario run <id>\` plays one of them, on a library of its own.`;
      }),
  },
  {
    name: 'scenario run',
    takes: ['id?'],
    says: 'Play a failure on a library of its own, which is thrown away afterwards, and tell it as a story.',
    more: 'Ends with 6 when an invariant is broken, with 1 when something else came differently than expected.',
    options: { all: { says: 'Play all of them, one after the other.' } },
    run,
  },
];

async function run(call: Call): Promise<Told> {
  const played: PlayedScenario[] = [];
  for (const scenario of chosen(call)) {
    if (!call.isJson) call.terminal.out(`${played.length > 0 ? '\n' : ''}${heading(scenario, call.paint)}\n`);
    const lines: StoryLine[] = [];
    const outcome = await playScenario(scenario.id, (line) => {
      lines.push(line);
      if (!call.isJson) call.terminal.out(`${lineText(visible(line), call.paint)}\n`);
    });
    played.push({ id: scenario.id, title: scenario.title, ...outcome, lines });
    if (call.terminal.signal.aborted) break;
  }
  return call.told(played, verdict, exitOf(played));
}

function chosen(call: Call): readonly (typeof SCENARIOS)[number][] {
  const id = call.extraWord('id');
  if (call.flag('all')) return id === undefined ? SCENARIOS : misused('Name a scenario or --all, not both.');
  if (id === undefined) return misused('Name a scenario, or --all. `library scenario ls` lists them.');

  const found = SCENARIOS.find((scenario) => scenario.id === id);
  if (found) return [found];
  const meant = nearest(
    id,
    SCENARIOS.map((scenario) => scenario.id),
  );
  const hint = meant === undefined ? '`library scenario ls` lists them.' : `Did you mean ${meant}?`;
  throw new CannotDo(EXIT.notFound, `There is no scenario "${id}". ${hint}`);
}

function heading({ title, about }: (typeof SCENARIOS)[number], paint: Paint): string {
  return `${paint.strong(title)}\n${paint.dim(about)}\n`;
}

const MARKS: Readonly<Record<StoryLine['part'], string>> = {
  scene: '  ',
  asked: '→ ',
  broke: '✗ ',
  happened: '  ',
  undone: '↶ ',
  holds: '✓ ',
  fails: '✗ ',
};

function lineText({ part, text }: StoryLine, paint: Paint): string {
  const line = MARKS[part] + text;
  switch (part) {
    case 'scene':
    case 'happened':
      return line;
    case 'asked':
      return paint.strong(line);
    case 'broke':
    case 'undone':
      return paint.warn(line);
    case 'holds':
      return paint.good(line);
    case 'fails':
      return paint.bad(`${line} — this is not as it should be.`);
  }
}

function verdict(played: readonly PlayedScenario[], paint: Paint): string {
  const wrong = played.filter(({ ok }) => !ok);
  if (played.length === 1) return wrong.length === 0 ? '' : paint.bad('\nIt did not go as it should.');
  if (wrong.length === 0) return `\n${paint.good(`All ${counted(played.length, 'scenario')} went as they should.`)}`;
  return `\n${paint.bad(`${wrong.length} of ${counted(played.length, 'scenario')} did not go as they should: ${wrong.map(({ id }) => id).join(', ')}.`)}`;
}

function exitOf(played: readonly PlayedScenario[]): Exit {
  if (played.some(({ report }) => !report.ok)) return EXIT.broken;
  return played.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
}
