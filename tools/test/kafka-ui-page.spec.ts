import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@bufbuild/cel';
import type { CelInput } from '@bufbuild/cel';
import { parse } from 'yaml';
import { fromLog, toPublication } from '@library/shared-kernel/messaging/cloud-event';
import type { LogMessage } from '@library/shared-kernel/messaging/message-log';

const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'kafka-ui.md'), 'utf8');

/** A message as the page shows it. */
interface Shown {
  topic: string;
  key: string;
  time: string;
  headers: Record<string, string>;
  value: string;
}

const MESSAGES = [...PAGE.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => parse(text!) as Shown);
const FILTERS = [...PAGE.matchAll(/^\| ([^|]+?) +\| `(record|has)(.*?)` +\| ([\d, ]+?) +\|$/gm)].map(
  ([, name, start, rest, found]) => [name!, `${start}${rest}`, found!.split(', ').map(Number)] as const,
);

const inLog = ({ topic, key, time, headers, value }: Shown): LogMessage => ({
  topic,
  partition: 0,
  offset: 0,
  key,
  value: Buffer.from(value),
  headers,
  time: Date.parse(time),
});

/** What kafka-ui gives to an expression. */
const record = ({ key, headers, value }: Shown) => ({ keyAsText: key, headers, value: JSON.parse(value) as CelInput });

/** Whether kafka-ui shows it: what an expression cannot be applied to is not shown. */
const isShown = (expression: string, message: Shown) => run(expression, { record: record(message) }) === true;

describe('the page about kafka-ui', () => {
  const ours = MESSAGES.filter(({ topic }) => !topic.includes('.parked.'));

  it('shows messages that the services of today would write, to the last header', () => {
    expect(ours).toHaveLength(6);
    for (const message of ours) {
      const { value, ...said } = toPublication(fromLog(inLog(message)));

      expect({ ...said, value: Buffer.from(value!).toString() }).toEqual({
        ...message,
        time: Date.parse(message.time),
      });
    }
  });

  it('shows a parked message that says where it comes from, and when it was parked', () => {
    const [parked] = MESSAGES.filter((message) => !ours.includes(message));

    expect(parked?.topic).toBe(`${parked?.headers['parked_topic']}.parked.${parked?.headers['parked_group']}`);
    expect(parked?.time).toBe(parked?.headers['parked_at']);
    expect(() => fromLog({ ...inLog(parked!), topic: parked!.headers['parked_topic']! })).toThrow(
      parked!.headers['parked_detail'],
    );
  });

  it.each(FILTERS)('has a filter for %s that finds what it says', (_, expression, found) => {
    const numbers = MESSAGES.flatMap((message, at) => (isShown(expression, message) ? [at + 1] : []));

    expect(numbers).toEqual(found);
  });

  it('has filters for a rent, a refusal, an undone rent, a card, a request and what is parked', () => {
    expect(FILTERS.map(([name]) => name)).toEqual(
      expect.arrayContaining(['one rent', 'refusals', 'undone rents', 'one card', 'one request', 'parked, why']),
    );
  });
});
