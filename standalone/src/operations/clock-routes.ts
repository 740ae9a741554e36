import { problem } from '@library/shared-kernel/http/problem';
import { route, type Route } from '@library/shared-kernel/http/routes';
import { Calendar } from '@library/shared-kernel/time/calendar';
import type { Clock } from '@library/shared-kernel/time/clock';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { z } from 'zod';
import { shiftOf } from '@library/shared-kernel/service/environment';

/** Farther than any demonstration, and near enough for every date to be written with four digits of a year. */
const FARTHEST_MS = 3_650 * 86_400_000;

const clockSchema = z
  .object({
    now: z.iso.datetime(),
    today: z.iso.date().meta({ description: 'The day it is in the library’s zone.' }),
    zone: z.string(),
    aheadMs: z.int().meta({ description: 'How far the library’s clock is ahead of the machine’s.' }),
  })
  .meta({ id: 'LibraryClock', description: 'What time it is for the library.' });

/** Asking what time it is; and, unless somebody else owns the time, moving it. */
export function clockRoutes(clock: Clock, zone: string): readonly Route[] {
  const calendar = new Calendar(zone);
  const shape = (): z.input<typeof clockSchema> => {
    const now = clock.now();
    return {
      now: new Date(now).toISOString(),
      today: calendar.dayOf(now),
      zone,
      aheadMs: Math.round(now - Date.now()),
    };
  };

  const asking = route({
    method: 'GET',
    path: '/ops/clock',
    summary: 'Read the library’s clock',
    answers: { 200: { description: 'What time it is.', schema: clockSchema } },
    handle: () => ({ status: 200, body: shape() }),
  });
  if (!(clock instanceof SystemClock)) return [asking];

  const moving = route({
    method: 'POST',
    path: '/ops/clock',
    summary: 'Move the library’s clock, for a demonstration',
    description: 'The machine’s clock stays as it is, and the next start begins with that one again.',
    body: z.object({
      shift: z
        .string()
        .regex(/^[+-]\d{1,6}[dhms]$/, 'A shift has the form +15d, -3h, +20m or +30s.')
        .meta({ description: 'By how much.', examples: ['+15d'] }),
    }),
    answers: { 200: { description: 'What time it is now.', schema: clockSchema } },
    problems: ['invalid-input'],
    handle: ({ body: { shift } }) => {
      const ms = shiftOf(shift, clock.now());
      if (Math.abs(clock.now() + ms - Date.now()) > FARTHEST_MS) {
        return problem('invalid-input', { detail: 'The library’s clock stays within ten years of the machine’s.' });
      }
      clock.shiftBy(ms);
      return { status: 200, body: shape() };
    },
  });
  return [asking, moving];
}
