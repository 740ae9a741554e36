import * as fc from 'fast-check';
import { daysBetween, localDate, plusDays, type LocalDate } from '../../src/domain/local-date';

describe('a day', () => {
  it.each(['2023-01-01', '2023-12-31', '2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31'])('may be %s', (text) => {
    expect(localDate(text)).toBe(text);
  });

  it.each([
    '2023-02-29',
    '1900-02-29',
    '2023-02-30',
    '2023-04-31',
    '2023-00-10',
    '2023-13-01',
    '2023-01-00',
    '2023-01-32',
    '2023-1-1',
    '23-01-01',
    '20230101',
    '2023/01/01',
    '01-01-2023',
    ' 2023-01-01',
    '2023-01-01\n',
    '2023-01-01T00:00:00Z',
    '+002023-01-01',
    '-2023-01-01',
    '٢٠٢٣-٠١-٠١',
    'today',
    '',
  ])('cannot be %j', (text) => {
    expect(() => localDate(text)).toThrow(new RangeError(`"${text}" is not a day of the form YYYY-MM-DD.`));
  });
});

describe('days later', () => {
  it.each<[LocalDate, number, LocalDate]>([
    ['2023-01-01', 14, '2023-01-15'],
    ['2023-01-01', 0, '2023-01-01'],
    ['2023-01-31', 1, '2023-02-01'],
    ['2023-02-28', 1, '2023-03-01'],
    ['2024-02-28', 1, '2024-02-29'],
    ['2024-02-29', 1, '2024-03-01'],
    ['2023-12-31', 1, '2024-01-01'],
    ['2024-01-01', -1, '2023-12-31'],
    ['2024-03-01', -1, '2024-02-29'],
    ['2024-03-30', 2, '2024-04-01'],
    ['2024-10-26', 2, '2024-10-28'],
    ['2023-01-01', 365, '2024-01-01'],
    ['2024-01-01', 366, '2025-01-01'],
  ])('%s and %i days is %s [K5]', (day, days, later) => {
    expect(plusDays(day, days)).toBe(later);
    expect(daysBetween(day, later)).toBe(days);
  });
});

describe('days between', () => {
  it('are 36 from 15 January to 20 February [AC-32]', () => {
    expect(daysBetween('2023-01-15', '2023-02-20')).toBe(36);
  });

  it('are below 0 towards an earlier day', () => {
    expect(daysBetween('2023-01-15', '2023-01-14')).toBe(-1);
  });
});

describe('any day', () => {
  const anyDay = fc.integer({ min: 0, max: 365 * 1000 }).map((n) => plusDays('1600-01-01', n));
  const anyDistance = fc.integer({ min: -50_000, max: 50_000 });

  it('is as far away as was walked, and back again, in whole days', () => {
    fc.assert(
      fc.property(anyDay, anyDistance, (day, distance) => {
        const there = plusDays(day, distance);
        expect(localDate(there)).toBe(there);
        expect(daysBetween(day, there)).toBe(distance);
        expect(plusDays(there, -distance)).toBe(day);
      }),
    );
  });

  it('compares as a string as it does as a day', () => {
    fc.assert(
      fc.property(anyDay, anyDay, (one, other) => {
        expect(one < other).toBe(daysBetween(one, other) > 0);
      }),
    );
  });
});
