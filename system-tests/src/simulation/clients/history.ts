import type { SagaType } from '@library/shared-kernel/contracts/event-contract';
import type { Call } from '../plan/plan';

/** What a client was told. */
export type Told =
  | { readonly is: 'under-way' | 'completed'; readonly saga: string }
  | { readonly is: 'undone'; readonly saga: string; readonly code: string }
  | { readonly is: 'refused'; readonly code: string }
  | { readonly is: 'done' }
  /** Nobody knows: the process died, the world failed, or the client did not wait. */
  | { readonly is: 'unknown' };

/** One attempt of a client to have something done. */
export interface Attempt {
  readonly call: Call;
  /** Names the attempt in every message that follows from it. */
  readonly correlation: string;
  readonly member: string;
  readonly book?: number;
  readonly points?: number;
  readonly key?: string;
  /** What kind of saga it may begin. */
  readonly begins?: SagaType;
  told?: Told;
}

export function describeTold(told: Told): string {
  switch (told.is) {
    case 'under-way':
    case 'completed':
      return `${told.is} ${told.saga}`;
    case 'undone':
      return `undone ${told.saga} ${told.code}`;
    case 'refused':
      return `refused ${told.code}`;
    case 'done':
    case 'unknown':
      return told.is;
  }
}
