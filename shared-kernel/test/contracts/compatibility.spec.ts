import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { eventResultContract } from '../../src/contracts/event-result';
import { SAGA_EVENTS } from '../../src/contracts/events';
import { jsonSchemaOf, type JsonSchema } from '../../src/http/json-schemas';
import { breaksBetween } from './compatibility';

const GOLDEN = join(__dirname, 'published-contracts.json');
const CONTRACTS = [...SAGA_EVENTS, eventResultContract];

/** What is on the topics already, and must be understood for as long as the topics are kept. */
const published = JSON.parse(readFileSync(GOLDEN, 'utf8')) as Readonly<
  Record<string, { readonly type: string; readonly body: JsonSchema }>
>;

describe('the contracts', () => {
  it('are those that were published, or can read and be read by them [O7]', () => {
    for (const [topic, { type, body }] of Object.entries(published)) {
      const now = CONTRACTS.find((contract) => contract.topic === topic);
      expect({ topic, type: now?.type }).toEqual({ topic, type });
      expect({ topic, breaks: breaksBetween(body, jsonSchemaOf(now!.body)) }).toEqual({ topic, breaks: [] });
    }
  });

  it('are all written down as they are, so that the next change is compared with this one [O7]', () => {
    const now = Object.fromEntries(
      CONTRACTS.map(({ topic, type, body }) => [topic, { type, body: jsonSchemaOf(body) }]),
    );

    expect(published).toEqual(JSON.parse(JSON.stringify(now)));
  });
});

describe('a change of a contract', () => {
  const name = z.string().min(1).max(100);
  const before = z.object({
    idName: z.object({ id: z.string(), name }),
    point: z.int(),
    kind: z.enum(['RENT', 'RETURN']),
  });
  const breaks = (after: z.ZodType) => breaksBetween(jsonSchemaOf(before), jsonSchemaOf(after));

  it('breaks nothing when it adds an optional field, or accepts more [O7]', () => {
    expect(breaks(before)).toEqual([]);
    expect(breaks(before.extend({ branch: z.string().optional() }))).toEqual([]);
    expect(breaks(before.extend({ kind: z.enum(['RENT', 'RETURN', 'OVERDUE']) }))).toEqual([]);
  });

  it.each<[string, z.ZodType, readonly string[]]>([
    ['adds a required field', before.extend({ branch: z.string() }), ['branch is required now']],
    [
      'adds a required field deep inside',
      before.extend({ idName: z.object({ id: z.string(), name, title: z.string() }) }),
      ['idName.title is required now'],
    ],
    [
      'renames a field',
      z.object({ ...before.omit({ point: true }).shape, points: z.int() }),
      ['point is gone', 'points is required now'],
    ],
    ['removes a field', before.omit({ kind: true }), ['kind is gone']],
    ['no longer sends a field always', before.extend({ point: z.int().optional() }), ['point may be missing now']],
    ['changes a type', before.extend({ point: z.string() }), ['point is another type now']],
    ['accepts less of an enumeration', before.extend({ kind: z.enum(['RENT']) }), ['kind no longer accepts "RETURN"']],
    [
      'accepts less text',
      before.extend({ idName: z.object({ id: z.string(), name: z.string().min(1).max(50) }) }),
      ['idName.name is limited otherwise now (maxLength)'],
    ],
  ])('is told when it %s [O7]', (_what, after, expected) => {
    expect(breaks(after)).toEqual(expected);
  });
});
