import type { BookNo, MemberId } from './identifiers';

/** A member as the events name them. */
export interface IdName {
  readonly id: MemberId;
  readonly name: string;
}

/** A copy of a book as the events name it. */
export interface Item {
  readonly no: BookNo;
  readonly title: string;
}
