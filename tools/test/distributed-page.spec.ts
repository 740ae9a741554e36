import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeEnvironment, readEnvironment } from '@library/shared-kernel/service/environment';
import { PORTS } from './compose-rules';

const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'distributed.md'), 'utf8');

const NEEDED = { KAFKA_BROKERS: 'localhost:9092', MONGO_URL: 'mongodb://localhost:27017' };
const defaults = readEnvironment(NEEDED, { mode: 'distributed', port: Math.min(...Object.values(PORTS)) });

/** What counts for a service where nothing is set. */
function fallbackOf(name: string): string {
  if (name in NEEDED) return 'needed';
  if (name === 'HTTP_PORT') return `${defaults.HTTP_PORT} to ${Math.max(...Object.values(PORTS))}`;
  const value = defaults[name as keyof typeof defaults];
  return value === undefined || value === '' ? '' : `\`${value}\``;
}

/** On a page that speaks of nothing else, without the word. */
const told = (sentence: string) => sentence.replace(/^Distributed[:,] (.)/, (_, first: string) => first.toUpperCase());

describe('the page about the distributed library', () => {
  it('explains every variable that a service reads, with its default', () => {
    const table = PAGE.split('\n')
      .filter((line) => /^\| `[A-Z]/.test(line))
      .map((line) => line.split('|').map((cell) => cell.trim()));

    expect(table.map(([, ...cells]) => cells.slice(0, 3))).toEqual(
      describeEnvironment()
        .filter(({ sentence }) => !sentence.startsWith('Embedded'))
        .map(({ name, sentence }) => [`\`${name}\``, fallbackOf(name), told(sentence)]),
    );
  });

  it('says where each service answers', () => {
    const rows = Object.entries(PORTS).map(([name, port]) => `${name} | <http://localhost:${port}>`);

    expect(rows.filter((row) => !PAGE.replaceAll(/ +\|/g, ' |').includes(row))).toEqual([]);
  });
});
