import { localDate, plusDays } from '@library/shared-kernel/domain/local-date';
import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import { participantOf } from '@library/shared-kernel/participant/participant';
import type { Calendar } from '@library/shared-kernel/time/calendar';
import type { RentCountRecord } from './rent-count-record';

/** The ranking's part in the sagas: a rent counts on the day it was announced, and an undo takes it off that same day. */
export function bestbookParticipant(calendar: Pick<Calendar, 'dayOf'>) {
  return participantOf<RentCountRecord>()({
    name: 'bestbook',
    recordOf: (event) => ('item' in event ? String(event.item.no) : ''),
    about: (_event, { announcedAt }) => possibleDays(announcedAt),
    parts: {
      RENT: {
        does: (record, { item }, { announcedAt }) => {
          const day = calendar.dayOf(announcedAt);
          record.add(item, day);
          return { day };
        },
        undoes: (record, effect, { item }) => record.takeOff(item, localDate(String(effect['day']))),
        recalls: () => 'unknown',
      },
    },
  });
}

/**
 * Every day that this instant may be anywhere: an undo takes a rent off the day in its fence, which may have been counted
 * by another zone than today's.
 */
function possibleDays(instant: number): readonly LocalDate[] {
  const day = localDate(new Date(instant).toISOString().slice(0, 10));
  return [plusDays(day, -1), day, plusDays(day, 1)];
}
