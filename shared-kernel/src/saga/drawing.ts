import type { ParticipantName } from '../contracts/event-contract';
import { eventTypeOf, RESULT_TOPIC } from '../contracts/event-result';
import type { SagaDefinition } from './saga-definition';
import { confirmersOf } from './saga-definition';

type Definition = SagaDefinition<never>;
type Contract = Definition['announces' | 'withdraws'] | NonNullable<Definition['confirms']>;

/** A message of the saga, as the table tells of it. */
interface Line {
  readonly when: string;
  readonly contract: Contract;
  readonly awaits: readonly ParticipantName[];
}

/** The saga as a page of Markdown, for people who read no code: its states as a diagram, and what is said in a table. */
export function drawingOf(definition: Definition): string {
  const { type, awaits } = definition;
  const confirmers = confirmersOf(definition);

  return `<!-- Drawn from the definition by \`npm run docs\`. Change that, not this. -->

# ${type}

${told(definition, confirmers)}

## Its states

\`\`\`mermaid
${diagram(definition, confirmers).join('\n')}
\`\`\`

${confirmers.length > 0 ? 'COMPENSATING and CONFIRMING sagas ask' : 'A COMPENSATING saga asks'} again for ever, and call${confirmers.length > 0 ? '' : 's'} for a person when that goes on too long or is refused. COMPLETED and COMPENSATED never change again.

## What is said

${table([
  ['when', 'event', 'topic', 'who must answer', 'answers as', 'may refuse with'],
  ...linesOf(definition, awaits, confirmers).map(({ when, contract, awaits: asked }) => [
    when,
    contract.type,
    `\`${contract.topic}\``,
    asked.join(', '),
    `\`${eventTypeOf(type, contract.direction)}\``,
    refusalsOf(contract, asked),
  ]),
])}

Every answer is an EventResult in \`${RESULT_TOPIC}\`. Each of them may also refuse with \`withdrawn\`, when it was told to undo before it was asked, and an undo with \`too-late\`, when it cannot tell any more what there is to undo. \`expired\` counts as silence.
`;
}

function told({ announces, withdraws, confirms, awaits }: Definition, confirmers: readonly ParticipantName[]): string {
  const several = awaits.length > 1;
  const sentences = [
    `It begins with ${announces.type}, which ${listed(awaits)} must answer.`,
    `When ${several ? 'all of them have' : 'it has'} succeeded,`,
    confirms
      ? `nothing is undone any more: it is complete when ${listed(confirmers)} confirmed too (${confirms.type}).`
      : 'it is complete.',
    `When ${several ? 'one of them' : 'it'} refuses, or stays silent until the announcement has expired,`,
    `${several ? 'all of them are' : 'it is'} told to undo it (${withdraws.type}), whatever was answered;`,
    `it is over when ${several ? 'every one of them has' : 'that is done'}.`,
  ];
  return sentences.join(' ');
}

function diagram(
  { announces, withdraws, confirms, awaits }: Definition,
  confirmers: readonly ParticipantName[],
): readonly string[] {
  const everybody = awaits.length > 1 ? 'all' : awaits.join('');
  return [
    'stateDiagram-v2',
    `  [*] --> RUNNING: ${announces.type}`,
    ...(confirms
      ? [
          `  RUNNING --> CONFIRMING: ${everybody} did it / ${confirms.type}`,
          `  CONFIRMING --> COMPLETED: ${listed(confirmers)} confirmed`,
        ]
      : [`  RUNNING --> COMPLETED: ${everybody} did it`]),
    `  RUNNING --> COMPENSATING: one refused or stayed silent / ${withdraws.type}`,
    `  COMPENSATING --> COMPENSATED: ${everybody} undid it`,
    '  COMPLETED --> [*]',
    '  COMPENSATED --> [*]',
  ];
}

function linesOf(
  { announces, withdraws, confirms }: Definition,
  awaits: readonly ParticipantName[],
  confirmers: readonly ParticipantName[],
): readonly Line[] {
  return [
    { when: 'it begins', contract: announces, awaits },
    ...(confirms ? [{ when: 'all did their part', contract: confirms, awaits: confirmers }] : []),
    { when: 'one refused or stayed silent', contract: withdraws, awaits },
  ];
}

function refusalsOf({ answeredBy }: Contract, awaits: readonly ParticipantName[]): string {
  const refusals = awaits.flatMap((name) => {
    const codes = answeredBy[name] ?? [];
    return codes.length === 0 ? [] : [`${name}: ${codes.map((code) => `\`${code}\``).join(', ')}`];
  });
  return refusals.join('; ') || 'nothing';
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** With columns of even width, as the formatter would have them. */
function table(rows: readonly (readonly string[])[]): string {
  const [header = []] = rows;
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.slice(1).map(line)].join('\n');
}
