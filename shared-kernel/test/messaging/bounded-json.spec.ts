import * as fc from 'fast-check';
import { parseBounded } from '../../src/messaging/bounded-json';

const parse = (text: string) => parseBounded(Buffer.from(text));
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('Reading JSON that anybody may have written', () => {
  it('reads whatever JSON.stringify writes, unless it is too deep or has the one name that is refused', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes('__proto__'));
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['{"a":{"a":[{"a":1},{"a":2}]}}', 'the same name in other objects'],
    ['{"a":"a","b":"a"}', 'the same value twice'],
    ['{"a": ":", "b" : "{\\"a\\":[", "c":"\\\\"}', 'brackets, colons and quotes in strings'],
    [nested(32), 'nesting as deep as is allowed'],
    ['["__proto__"]', 'the forbidden name as a value'],
  ])('is not misled by %s: %s', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['', 'not JSON'],
    ['{"a":', 'not JSON'],
    ['"a', 'not JSON'],
    ['{"a":1}}', 'not JSON'],
    ['﻿{}', 'not JSON'],
    ['{"a":1,"a":1}', 'two fields "a"'],
    ['{"a":1, "\\u0061" :2}', 'two fields "a"'],
    ['[{"x":{},"y":[{"z":1}],"x":1}]', 'two fields "x"'],
    ['{"__proto__":{"admin":true}}', '__proto__'],
    ['{"\\u005f_proto__":1}', '__proto__'],
    [nested(33), 'more than 32 levels'],
    ['['.repeat(100_000), 'more than 32 levels'],
    [`"${'x'.repeat(256 * 1024)}"`, '262146 bytes'],
  ])('refuses %.40s: %s [G1p G5p]', (text, why) => {
    expect(() => parse(text)).toThrow(SyntaxError);
    expect(() => parse(text)).toThrow(why);
  });

  it.each([
    ['half a character', [0x22, 0xec, 0xa0, 0x22]],
    ['UTF-16', [...Buffer.from('{}', 'utf16le')].concat(0xff)],
  ])('refuses %s [G1p]', (_what, bytes) => {
    expect(() => parseBounded(Uint8Array.from(bytes))).toThrow('not UTF-8');
  });
});
