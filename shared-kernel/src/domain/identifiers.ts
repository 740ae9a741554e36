declare const brand: unique symbol;
type Branded<Value, Name extends string> = Value & { readonly [brand]: Name };

/** UUIDv7, so that ids sort by the time their sagas began. */
export type SagaId = Branded<string, 'SagaId'>;
/** The id a member chose, such as `jenny`; also the key of every saga message. */
export type MemberId = Branded<string, 'MemberId'>;
/** Number of one copy of a book, from 1; gaps are allowed. */
export type BookNo = Branded<number, 'BookNo'>;
/** What a client sends so that a repeated request is recognised, 1 to 200 visible ASCII characters. */
export type IdempotencyKey = Branded<string, 'IdempotencyKey'>;

export const sagaId = (value: string): SagaId => value as SagaId;
export const memberId = (value: string): MemberId => value as MemberId;
export const bookNo = (value: number): BookNo => value as BookNo;
export const idempotencyKey = (value: string): IdempotencyKey => value as IdempotencyKey;
