import { urlOf } from '@library/shared-kernel/http/listening';
import type { Environment } from '@library/shared-kernel/service/environment';
import { FIRST } from './sample';
import type { Sample, Suggestion } from './sample';

export interface Started {
  readonly environment: Environment;
  readonly origin: string;
  /** By service, and `library` for all of them on one origin. */
  readonly ports: Readonly<Record<string, number>>;
  readonly now: number;
  /** What `--sample` has added. */
  readonly sample: Sample | undefined;
  readonly isEmpty: boolean;
  /** Absent when there is nothing to rent, or nobody to rent it. */
  readonly suggestion: Suggestion | undefined;
}

/** What the program says when it is up: where everything is, and three lines that show what it does. */
export function banner({ environment, origin, ports, now, sample, isEmpty, suggestion }: Started): string {
  const { HTTP_HOST: host, DATA_DIR: folder, LIBRARY_ZONE: zone, LIBRARY_NOW: shifted } = environment;
  const services = Object.entries(ports).filter(([name]) => name !== 'library');

  return [
    '',
    `The library is open at ${origin} — what it answers to is at ${origin}/docs`,
    ...services.map(([name, port]) => `  ${name.padEnd(17)} ${urlOf({ host, port })}`),
    `  data in ${folder}, days of ${zone}${shifted === undefined ? '' : `, and it is ${new Date(now).toISOString()} by its clock`}`,
    '',
    ...(sample ? [`${sample.books} sample books and ${sample.members} sample members were added.`, ''] : []),
    ...invitation(origin, 'npm start', isEmpty, suggestion),
    'Then: npx library saga ls · npx library verify · npx library scenario ls          (Ctrl-C stops it)',
    '',
  ].join('\n');
}

/** What a newcomer may try, as lines to copy; `command` is how the library was started. */
export function invitation(
  origin: string,
  command: string,
  isEmpty: boolean,
  suggestion: Suggestion | undefined,
): readonly string[] {
  return [
    ...(isEmpty ? emptySaid(origin, command) : []),
    ...triesSaid(origin, isEmpty ? { book: { no: 1, ...FIRST.book }, members: FIRST.members } : suggestion),
  ];
}

function emptySaid(origin: string, command: string): readonly string[] {
  return [
    `Nothing is registered yet. \`${command} -- --sample\` adds sample books and members; or register some yourself:`,
    '',
    call(origin, '/books', FIRST.book),
    ...FIRST.members.map((member) => call(origin, '/members', member)),
    '',
  ];
}

function triesSaid(origin: string, suggestion: Suggestion | undefined): readonly string[] {
  if (!suggestion) return [];
  const { book, members } = suggestion;
  const [first, second] = members;
  const rent = ({ id, name }: (typeof members)[number]) =>
    call(
      origin,
      `/rental-cards/${id}/rentals`,
      { memberName: name, item: { no: book.no, title: book.title } },
      'Prefer: wait=10',
    );

  return [
    'A rent that works; one that is refused at once, because that book is on the card already; and one that is undone,',
    'because the book is with somebody else:',
    '',
    rent(first),
    rent(first),
    rent(second),
    '',
  ];
}

function call(origin: string, path: string, body: unknown, header?: string): string {
  const headers = ['Content-Type: application/json', ...(header === undefined ? [] : [header])].map(
    (one) => `-H '${one}'`,
  );
  return `  curl -s ${origin}${path} ${headers.join(' ')} -d '${JSON.stringify(body)}'`;
}
