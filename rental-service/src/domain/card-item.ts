import type { BookNo, SagaId } from '@library/shared-kernel/domain/identifiers';
import { daysBetween, plusDays, type LocalDate } from '@library/shared-kernel/domain/local-date';
import type { Item } from '@library/shared-kernel/domain/names';
import { LateFee } from './late-fee';

const LOAN_DAYS = 14;
/** How long a return undone by silence goes on protecting the member from being late. */
const ACCEPTANCE_STANDS_DAYS = 3;

interface Loan {
  readonly no: BookNo;
  readonly title: string;
  readonly rentedOn: LocalDate;
  readonly dueOn: LocalDate;
}

export interface RentingItem extends Loan {
  readonly state: 'RENTING';
  readonly saga: SagaId;
}

export interface RentedItem extends Loan {
  readonly state: 'RENTED';
  readonly overdue: boolean;
  /** The acceptance day that a return undone by silence has left. */
  readonly acceptedOn?: LocalDate;
}

export interface ReturningItem extends Loan {
  readonly state: 'RETURNING';
  readonly overdue: boolean;
  readonly saga: SagaId;
  /** The day the fee was fixed by: that of an earlier return, when its acceptance still stood. */
  readonly acceptedOn: LocalDate;
  readonly fee: number;
  /** The acceptance day that was left on the item before, for a refusal to put back. */
  readonly acceptedBefore?: LocalDate;
}

/** A book on a card: a slot taken, a loan, or a loan on its way back. */
export type CardItem = RentingItem | RentedItem | ReturningItem;

/** A loan that has ended; `returnedOn` is the day its return was accepted. */
export interface ReturnedItem {
  readonly no: BookNo;
  readonly title: string;
  readonly rentedOn: LocalDate;
  readonly returnedOn: LocalDate;
  readonly fee: number;
}

export function renting({ no, title }: Item, saga: SagaId, on: LocalDate): RentingItem {
  return { state: 'RENTING', no, title, rentedOn: on, dueOn: plusDays(on, LOAN_DAYS), saga };
}

export function rented(item: RentingItem): RentedItem {
  return { ...loanOf(item), state: 'RENTED', overdue: false };
}

export function returning(item: RentedItem, saga: SagaId, on: LocalDate): ReturningItem {
  const acceptedBefore = item.acceptedOn;
  const acceptedOn =
    acceptedBefore !== undefined && acceptedBefore < on && stands(acceptedBefore, on) ? acceptedBefore : on;
  const fee = LateFee.between(item.dueOn, acceptedOn).points;

  return {
    ...loanOf(item),
    state: 'RETURNING',
    overdue: item.overdue,
    saga,
    acceptedOn,
    fee,
    ...(acceptedBefore === undefined ? {} : { acceptedBefore }),
  };
}

/** Undoes `returning`. Silence leaves the acceptance day, so that our outage makes nobody late; a refusal leaves what was there. */
export function unreturned(item: ReturningItem, because: 'refused' | 'silence'): RentedItem {
  const acceptedOn = because === 'silence' ? item.acceptedOn : item.acceptedBefore;

  return {
    ...loanOf(item),
    state: 'RENTED',
    overdue: item.overdue,
    ...(acceptedOn === undefined ? {} : { acceptedOn }),
  };
}

export function returned({ no, title, rentedOn, acceptedOn, fee }: ReturningItem): ReturnedItem {
  return { no, title, rentedOn, returnedOn: acceptedOn, fee };
}

export function markedOverdue(item: RentedItem): RentedItem {
  return { ...item, overdue: true };
}

/** Late by one day on `today`, or still by more if it was; an acceptance day that was left would forgive it, so it goes. */
export function madeOverdue(item: RentedItem, today: LocalDate): RentedItem {
  const yesterday = plusDays(today, -1);
  const dueOn = item.dueOn < yesterday ? item.dueOn : yesterday;

  return { ...loanOf(item), state: 'RENTED', dueOn, overdue: true };
}

/** The first day on which this loan may be marked overdue; undefined when it is marked already, or in flight. */
export function overdueFrom(item: CardItem): LocalDate | undefined {
  if (item.state !== 'RENTED' || item.overdue) return undefined;

  const pastDue = plusDays(item.dueOn, 1);
  const waitedFor = item.acceptedOn === undefined ? pastDue : plusDays(item.acceptedOn, ACCEPTANCE_STANDS_DAYS + 1);
  return waitedFor > pastDue ? waitedFor : pastDue;
}

export function isMarked(item: CardItem): boolean {
  return item.state !== 'RENTING' && item.overdue;
}

/** Whether a return in flight has fixed a fee. */
export function owes(item: CardItem): boolean {
  return item.state === 'RETURNING' && item.fee > 0;
}

function stands(acceptedOn: LocalDate, on: LocalDate): boolean {
  return daysBetween(acceptedOn, on) <= ACCEPTANCE_STANDS_DAYS;
}

function loanOf({ no, title, rentedOn, dueOn }: Loan): Loan {
  return { no, title, rentedOn, dueOn };
}
