import { LookAfterSagas } from '@library/rental-service/application/look-after-sagas';
import { RentalRecord } from '@library/rental-service/application/rental-record';
import { TakeResult } from '@library/rental-service/application/take-result';
import { RentalCard } from '@library/rental-service/domain/rental-card';
import type { RentalCardState } from '@library/rental-service/domain/rental-card';
import type { EventResult } from '@library/shared-kernel/contracts/event-result';
import type { EventMessage } from '@library/shared-kernel/messaging/event-message';
import { Hearing } from '@library/shared-kernel/messaging/hearing';
import { answering, instead, replace } from '../replace';
import type { Sabotage } from './sabotage';

export const RENTAL_GUARDS: readonly Sabotage[] = [
  {
    guard: 'deadline sweeper',
    keeps: 'somebody looks after a saga that gets no answer',
    off: () => instead(LookAfterSagas, 'execute', () => Promise.resolve(0)),
  },
  {
    guard: 'silence counts only when we could hear',
    keeps: 'an outage of the log, or of rental itself, undoes no rent',
    off: () => answering(Hearing, 'heard', true),
  },
  {
    guard: 'answers belong to their saga',
    keeps: 'an answer to another saga, or about another book, changes nothing (both are off)',
    off: () => {
      const anySaga = replace(RentalRecord, 'saga', (saga) => {
        return function (this: RentalRecord, id: never) {
          return (saga as RentalRecord['saga']).call(this, id) ?? this.inFlight[0];
        };
      });
      const anyBook = replace(TakeResult, 'react', (react) => {
        return function (this: TakeResult, message: never) {
          const { body, ...rest } = message as EventMessage<EventResult>;
          const { item: _item, ...about } = body;
          return (react as TakeResult['react']).call(this, { ...rest, body: about });
        };
      });
      return () => {
        anyBook();
        anySaga();
      };
    },
  },
  {
    guard: 'semantic lock: pending slot',
    keeps: 'a book that is being rented counts against the limit',
    off: () =>
      replace(RentalCard, 'rent', (rent) => {
        return function (this: { state: RentalCardState }, ...asked: never[]) {
          const pending = this.state.items.filter(({ state }) => state === 'RENTING');
          this.state = { ...this.state, items: this.state.items.filter((item) => !pending.includes(item)) };
          const answer = rent.apply(this as never, asked);
          this.state = { ...this.state, items: [...pending, ...this.state.items] };
          return answer;
        };
      }),
  },
  {
    guard: 'idempotency keys',
    keeps: 'the same request again begins nothing new',
    off: () => instead(RentalRecord, 'keptAnswer', () => undefined),
  },
];
