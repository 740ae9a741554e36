/** A calendar day in the library's zone, `YYYY-MM-DD`; days compare as strings. */
export type LocalDate = `${number}-${number}-${number}`;

const DAY_MS = 86_400_000;

/** Throws a RangeError when `text` is not a day of the calendar: `2023-02-30` is none. */
export function localDate(text: string): LocalDate {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  if (!day || Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== text) {
    throw new RangeError(`"${text}" is not a day of the form YYYY-MM-DD.`);
  }
  return text as LocalDate;
}

export function plusDays(day: LocalDate, days: number): LocalDate {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10) as LocalDate;
}

/** Whole calendar days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: LocalDate, to: LocalDate): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}
