import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import { LateFee } from '../../src/domain/late-fee';

describe('a late fee', () => {
  it.each<[string, LocalDate, LocalDate, number]>([
    ['is nothing for a book that comes back early', '2023-01-15', '2023-01-02', 0],
    ['is nothing on the due day itself', '2023-01-15', '2023-01-15', 0],
    ['is 10 points for one day', '2023-01-15', '2023-01-16', 10],
    ['counts 36 days across a month as 36 days, 360 points [AC-32]', '2023-01-15', '2023-02-20', 360],
    ['counts the leap day of a leap year [K5]', '2024-02-28', '2024-03-01', 20],
    ['counts no leap day in a common year [K5]', '2023-02-28', '2023-03-01', 10],
    ['counts from one year to the next [K5]', '2023-12-31', '2024-01-01', 10],
    ['counts a whole year', '2023-03-01', '2024-03-01', 3660],
    ['takes a day of 23 hours for a day, as clocks go forward [K4]', '2024-03-30', '2024-04-01', 20],
    ['takes a day of 25 hours for a day, as clocks go back [K4]', '2024-10-26', '2024-10-28', 20],
  ])('%s', (_, dueOn, acceptedOn, points) => {
    expect(LateFee.between(dueOn, acceptedOn).points).toBe(points);
  });
});
