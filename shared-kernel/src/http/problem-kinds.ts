import type { RefusalCode } from '../domain/refusal';

/** One kind of problem: its status, and what it says to the person who reads it. */
export interface Kind {
  readonly status: number;
  readonly title: string;
  /** What happened, why, and what to do next. */
  readonly detail: string;
  /** When it may be worth another try. */
  readonly retryAfterSeconds?: number;
}

/** Every business "no": an unknown thing is 404, a conflict with the state of things 409, a wrong amount 422. */
const REFUSALS = {
  'already-rented': {
    status: 409,
    title: 'Already rented',
    detail: 'This book is already on this card, and a book is lent once. Return it before you rent it again.',
  },
  'book-not-available': {
    status: 409,
    title: 'Book not available',
    detail:
      'This copy is not on the shelf: someone else has it, or it has not been put there yet. Ask for another copy or try later.',
  },
  'book-not-found': {
    status: 404,
    title: 'Book not found',
    detail: 'No book has this number. Look it up under /books.',
  },
  'book-withdrawn': {
    status: 409,
    title: 'Book withdrawn',
    detail: 'This copy was taken out of the collection and is not lent any more. Ask for another copy.',
  },
  'card-not-found': {
    status: 404,
    title: 'Card not found',
    detail: 'This member has no rental card yet: one is made with the first rent, or with POST /rental-cards.',
  },
  'card-unavailable': {
    status: 409,
    title: 'Card unavailable',
    detail:
      'Nothing can be rented on this card while a book on it is overdue or a late fee is owed. Return the book, then clear the fee.',
  },
  'clearing-in-progress': {
    status: 409,
    title: 'Clearing in progress',
    detail: 'The late fee of this card is being cleared right now. Wait until that has ended, then try again.',
  },
  expired: {
    status: 409,
    title: 'Expired',
    detail: 'The request reached one of the services too late to count. Make it again.',
  },
  'item-not-rented': {
    status: 409,
    title: 'Item not rented',
    detail: 'This book is not on this card, so there is nothing to return. Look at the card for the books that are.',
  },
  'items-not-returned': {
    status: 409,
    title: 'Items not returned',
    detail: 'A late fee is cleared only when no book is left on the card. Return them all first.',
  },
  'limit-reached': {
    status: 409,
    title: 'Limit reached',
    detail: 'A card holds at most five books, those being rented included. Return one first.',
  },
  'member-already-exists': {
    status: 409,
    title: 'Member already exists',
    detail: 'Someone is registered under this id. Choose another one.',
  },
  'member-closed': {
    status: 409,
    title: 'Membership closed',
    detail: 'This membership has been closed, so it takes part in nothing new. Ask the library.',
  },
  'member-not-found': {
    status: 404,
    title: 'Member not found',
    detail: 'Nobody is registered under this id. Register the member with POST /members.',
  },
  'not-enough-points': {
    status: 409,
    title: 'Not enough points',
    detail:
      'The member has fewer points than this needs, and a card that owes a fee earns none. Ask the library to add points, then try again.',
  },
  'rent-in-progress': {
    status: 409,
    title: 'Rent in progress',
    detail: 'The rent of this book has not ended yet. Wait until it has, then try again.',
  },
  'return-in-progress': {
    status: 409,
    title: 'Return in progress',
    detail: 'The return of this book has not ended yet. Wait until it has, then try again.',
  },
  'too-late': {
    status: 409,
    title: 'Too late',
    detail:
      'This happened so long ago that it cannot be undone by itself any more. An operator has to settle it by hand.',
  },
  withdrawn: {
    status: 409,
    title: 'Withdrawn',
    detail:
      'This request had been called off before one of the services took it up. Make it again if you still want it.',
  },
  'wrong-amount': {
    status: 422,
    title: 'Wrong amount',
    detail: 'A late fee is cleared with exactly as many points as it amounts to. Look at the card for the fee.',
  },
} as const satisfies Record<RefusalCode, Kind>;

/** Every other "no": the request cannot be understood, is not wanted here, or the world failed. */
const EDGE = {
  'malformed-json': {
    status: 400,
    title: 'Malformed JSON',
    detail:
      'The body is not JSON in UTF-8 without a byte order mark. Check it with a JSON validator and send it again.',
  },
  'unknown-field': {
    status: 400,
    title: 'Unknown field',
    detail:
      'Something was sent that this call does not take, and guessing what it meant would be worse. Leave out what `errors` lists.',
  },
  'invalid-input': {
    status: 400,
    title: 'Invalid input',
    detail:
      'Some of what was sent is missing or has the wrong form. Put right what `errors` lists; /docs shows what is expected.',
  },
  'too-deep': {
    status: 400,
    title: 'Too deeply nested',
    detail: 'The body nests objects or arrays more than 32 deep, which nothing here needs. Send a flatter one.',
  },
  'malformed-request': {
    status: 400,
    title: 'Malformed request',
    detail: 'What arrived is not an HTTP request. Check what sends it.',
  },
  'loopback-only': {
    status: 403,
    title: 'From this machine only',
    detail: 'Operator calls are answered only when they come from the machine itself. Make the call there.',
  },
  'cross-site': {
    status: 403,
    title: 'Cross-site request',
    detail:
      'A page of another site asked a browser to change something here. Do it from a page of this site, or from a program.',
  },
  'not-found': {
    status: 404,
    title: 'Not found',
    detail: 'There is nothing at this path. GET / lists what there is, and /docs explains it.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    detail: 'This path exists, but not with this method. Use one of those that the Allow header names.',
  },
  'past-deleted': {
    status: 409,
    title: 'The past was deleted',
    detail:
      'What would have to be read again from its first message on begins later by now, because old messages were deleted (RETENTION_DAYS). Nothing was changed.',
  },
  'too-slow': {
    status: 408,
    title: 'Too slow',
    detail: 'The request did not arrive within 15 seconds, and was given up. Send it again.',
  },
  'too-large': {
    status: 413,
    title: 'Body too large',
    detail: 'A body has at most 16 kB. Send a smaller one.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported media type',
    detail: 'A body has to be plain, uncompressed JSON. Send it with `Content-Type: application/json`.',
  },
  'unknown-host': {
    status: 421,
    title: 'Unknown host',
    detail:
      'On this machine the library answers to `localhost` and to the names it was told, not to the one in the Host header.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'Idempotency key reused',
    detail:
      'This Idempotency-Key came with a different request before, and nothing was done. Take a new key for a new request.',
  },
  'too-many-keys': {
    status: 429,
    title: 'Too many idempotency keys',
    detail:
      'This card has seen 1,000 Idempotency-Keys within a day, and remembers each. Wait until the oldest are forgotten.',
    retryAfterSeconds: 60,
  },
  'headers-too-large': {
    status: 431,
    title: 'Too many headers',
    detail: 'The request has more than 100 header lines, or they are too long. Leave out those that are not needed.',
  },
  bug: {
    status: 500,
    title: 'Our mistake',
    detail: 'Something went wrong that nobody foresaw. Look for the id in `instance` in the log, or report it.',
  },
  unavailable: {
    status: 503,
    title: 'Unavailable for the moment',
    detail: 'Something that the library depends on does not work, and nothing was decided. Try again in a few seconds.',
    retryAfterSeconds: 5,
  },
  'not-ready': {
    status: 503,
    title: 'Not ready',
    detail: 'The service runs, but cannot do its work: `checks` says why.',
    retryAfterSeconds: 5,
  },
  'insufficient-storage': {
    status: 507,
    title: 'Disk full',
    detail:
      'The disk that the library writes to is full, and nothing was stored. Free some space on it, then try again.',
    retryAfterSeconds: 60,
  },
} as const satisfies Record<string, Kind>;

export type EdgeCode = keyof typeof EDGE;
export type ProblemCode = RefusalCode | EdgeCode;

/** All of them; the compiler misses any refusal that has no line here. */
export const KINDS: Readonly<Record<ProblemCode, Kind>> = { ...REFUSALS, ...EDGE };
