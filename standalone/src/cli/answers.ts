/** What the library answers, as far as the command line shows it. */

export interface Page<Entry> {
  readonly items: readonly Entry[];
  readonly next?: string;
}

export interface Item {
  readonly no: number;
  readonly title: string;
}

export interface CardItem extends Item {
  readonly state: string;
  readonly rentedOn: string;
  readonly dueOn: string;
  readonly overdue: boolean;
  readonly saga?: string;
}

export interface ReturnedItem extends Item {
  readonly rentedOn: string;
  readonly returnedOn: string;
  readonly fee: number;
}

export interface Card {
  readonly member: Named;
  readonly status: string;
  readonly fee: number;
  readonly items: readonly CardItem[];
  readonly counts: { readonly rented: number; readonly returned: number; readonly overdue: number };
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface SagaEvent {
  readonly n: number;
  readonly at: string;
  readonly what: string;
  readonly participant?: string;
  readonly code?: string;
}

export interface Saga {
  readonly id: string;
  readonly type: string;
  readonly member: string;
  readonly item?: Item;
  readonly status: string;
  readonly reason?: string;
  readonly attention?: string;
  readonly steps: readonly { readonly participant: string; readonly state: string; readonly code?: string }[];
  readonly startedAt: string;
  readonly dueAt?: string;
  readonly endedAt?: string;
  readonly correlationId: string;
}

export interface ToldSaga extends Saga {
  readonly story: readonly SagaEvent[];
}
