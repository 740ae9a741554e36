import { z } from 'zod';
import { readerOf } from '../../src/http/input';
import { bookNoParam, flagParam, wholeNumberParam } from '../../src/http/parameters';
import { TurnedAway } from '../../src/http/problem';

const read = readerOf(
  z.object({ no: bookNoParam.optional(), limit: wholeNumberParam(1, 100).optional(), flag: flagParam.optional() }),
  'query',
  false,
);

function errorsOf(query: Readonly<Record<string, string>>) {
  try {
    return read(query);
  } catch (error) {
    if (error instanceof TurnedAway) return error.answer['errors'];
    throw error;
  }
}

const wanted = (most: number) => `A whole number from 1 to ${most} is wanted, in plain digits.`;

describe('a parameter', () => {
  it('is read from its text', () => {
    expect(read({ no: '7', limit: '100', flag: 'false' })).toStrictEqual({ no: 7, limit: 100, flag: false });
  });

  it.each(['0', '01', '-1', '1.0', '+1', '1e3', '٣', 'seven', '', '9007199254740992', '99999999999999999999'])(
    'of %j is no number, and the reason says what one looks like',
    (text) => {
      expect(errorsOf({ no: text, limit: text })).toStrictEqual([
        { path: 'query.no', message: wanted(9007199254740991) },
        { path: 'query.limit', message: wanted(100) },
      ]);
    },
  );

  it.each(['yes', '1', 'TRUE', ''])('of %j is no flag, and the reason says what one looks like', (text) => {
    expect(errorsOf({ flag: text })).toStrictEqual([
      { path: 'query.flag', message: 'Either true or false is wanted.' },
    ]);
  });
});
