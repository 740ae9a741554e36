import type { Caught } from './table';

const BEGIN = '<!-- written by npm run simulate -- --sabotage --write -->';
const END = '<!-- end -->';

/** The page with the table in its place. */
export function withTable(page: string, table: readonly Caught[]): string {
  const [before = '', rest = ''] = page.split(BEGIN);
  const [, after = ''] = rest.split(END);
  return `${before}${BEGIN}\n\n${tableOf(table)}\n\n${END}${after}`;
}

/** As the formatter would write it. */
function tableOf(table: readonly Caught[]): string {
  const rows = [
    ['guard', 'keeps', 'noticed by', 'first in'],
    ...table.map(({ guard, keeps, by, in: where }) => [guard, keeps, by.join(' '), where]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const [head, ...body] = rows.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column]!))));
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
