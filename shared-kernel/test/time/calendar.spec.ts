import * as fc from 'fast-check';
import { daysBetween, localDate, plusDays } from '../../src/domain/local-date';
import { Calendar } from '../../src/time/calendar';

const dayIn = (zone: string, instant: string) => new Calendar(zone).dayOf(Date.parse(instant));

describe('the library day', () => {
  it.each([
    ['Asia/Seoul', '2023-02-10T14:59:59.999Z', '2023-02-10'],
    ['Asia/Seoul', '2023-02-10T15:00:00.000Z', '2023-02-11'],
    ['UTC', '2023-02-10T23:59:59.999Z', '2023-02-10'],
    ['UTC', '2023-02-11T00:00:00.000Z', '2023-02-11'],
    ['America/Los_Angeles', '2023-02-11T07:59:59.999Z', '2023-02-10'],
    ['America/Los_Angeles', '2023-02-11T08:00:00.000Z', '2023-02-11'],
    ['Pacific/Kiritimati', '2023-02-10T10:00:00.000Z', '2023-02-11'],
    ['Asia/Kathmandu', '2023-02-10T18:14:59.999Z', '2023-02-10'],
    ['Asia/Kathmandu', '2023-02-10T18:15:00.000Z', '2023-02-11'],
  ])('begins at midnight in %s: %s is %s [K4]', (zone, instant, day) => {
    expect(dayIn(zone, instant)).toBe(day);
  });

  it.each([
    ['the end of a month', '2023-01-31T15:00:00Z', '2023-02-01'],
    ['28 February of a common year', '2023-02-28T15:00:00Z', '2023-03-01'],
    ['28 February of a leap year', '2024-02-28T15:00:00Z', '2024-02-29'],
    ['the leap day', '2024-02-29T15:00:00Z', '2024-03-01'],
    ['the end of a year', '2023-12-31T15:00:00Z', '2024-01-01'],
  ])('turns at midnight in Seoul after %s [K5]', (_, midnight, day) => {
    expect(dayIn('Asia/Seoul', midnight)).toBe(day);
    expect(new Calendar('Asia/Seoul').dayOf(Date.parse(midnight) - 1)).toBe(plusDays(localDate(day), -1));
  });

  it.each([
    ['the last instant before clocks go forward', '2024-03-31T00:59:59Z', '2024-03-31'],
    ['the end of the day of 23 hours', '2024-03-31T21:59:59Z', '2024-03-31'],
    ['midnight in summer time', '2024-03-31T22:00:00Z', '2024-04-01'],
    ['midnight before clocks go back', '2024-10-26T22:00:00Z', '2024-10-27'],
    ['the hour that comes a second time', '2024-10-27T01:30:00Z', '2024-10-27'],
    ['the end of the day of 25 hours', '2024-10-27T22:59:59Z', '2024-10-27'],
    ['midnight in winter time', '2024-10-27T23:00:00Z', '2024-10-28'],
  ])('in Berlin knows %s [K4]', (_, instant, day) => {
    expect(dayIn('Europe/Berlin', instant)).toBe(day);
  });

  it('takes a return at 23:59:58 for one of that day, and one at 00:00:05 for the next [K6]', () => {
    expect(dayIn('Asia/Seoul', '2023-01-15T23:59:58+09:00')).toBe('2023-01-15');
    expect(dayIn('Asia/Seoul', '2023-01-16T00:00:05+09:00')).toBe('2023-01-16');
  });

  it('is the same on a machine of any zone', () => {
    const zoneOfThisMachine = process.env['TZ'];
    try {
      for (const zone of ['America/New_York', 'Pacific/Auckland']) {
        process.env['TZ'] = zone;
        expect(dayIn('Asia/Seoul', '2023-02-10T15:00:00Z')).toBe('2023-02-11');
      }
    } finally {
      if (zoneOfThisMachine === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zoneOfThisMachine;
    }
  });

  it('never goes back as time goes on, nor leaves out a day within 26 hours', () => {
    const anyInstant = fc.integer({ min: Date.parse('2000-01-01T00:00:00Z'), max: Date.parse('2099-12-31T00:00:00Z') });
    const anyStep = fc.integer({ min: 0, max: 26 * 3_600_000 });

    for (const zone of ['Asia/Seoul', 'Europe/Berlin', 'America/New_York']) {
      const calendar = new Calendar(zone);
      fc.assert(
        fc.property(anyInstant, anyStep, (instant, step) => {
          const day = calendar.dayOf(instant);
          const passed = daysBetween(day, calendar.dayOf(instant + step));
          expect(localDate(day)).toBe(day);
          expect(passed).toBeGreaterThanOrEqual(0);
          expect(passed).toBeLessThanOrEqual(2);
        }),
      );
    }
  });
});

describe('a calendar', () => {
  it('says which zone it is in', () => {
    expect(new Calendar('Asia/Seoul').zone).toBe('Asia/Seoul');
  });

  it.each(['Asia/Soul', 'nowhere', ''])('refuses %j, which is no time zone', (zone) => {
    expect(() => new Calendar(zone)).toThrow(RangeError);
  });

  it('refuses an instant that is none', () => {
    expect(() => new Calendar('Asia/Seoul').dayOf(Number.NaN)).toThrow(RangeError);
  });
});
