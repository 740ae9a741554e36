import { createHash } from 'node:crypto';
import type { SagaId } from '../domain/identifiers';
import type { Entries } from '../store/entries';

/** What a participant did for a saga, as much as undoing it needs: plain data, or `nothing`. */
export type Effect = Readonly<Record<string, string | number | boolean>> | 'nothing';

/** What a participant remembers of a saga, so that it answers once, repeats itself, and undoes only what it did. */
export interface Fence {
  /** A hash of what was asked, the same for an announcement, its cancel and its confirmation. */
  readonly asked: string;
  /** `ok` or the code of the refusal; absent when the cancel came first. */
  readonly answer?: string;
  readonly effect: Effect;
  readonly undone?: true;
  readonly confirmed?: true;
  /** When the saga was announced. */
  readonly announced: number;
}

/** The fences of one record, and the time of the newest announcement that it has forgotten. */
export class Fences {
  private forgotten: number;

  constructor(
    private readonly entries: Entries<Fence>,
    forgotten: number | undefined,
  ) {
    this.forgotten = forgotten ?? -Infinity;
  }

  /** Undefined when no announcement was forgotten yet. */
  get newestForgotten(): number | undefined {
    return this.forgotten === -Infinity ? undefined : this.forgotten;
  }

  of(saga: SagaId): Fence | undefined {
    return this.entries.get(saga);
  }

  put(saga: SagaId, fence: Fence, until: number): void {
    this.entries.set(saga, fence, until);
  }

  /** Says something new about a saga that is known already; it is kept as long as before. */
  amend(saga: SagaId, fence: Fence): void {
    this.entries.set(saga, fence, this.entries.until(saga));
  }

  /** Forgets a fence whose time has come, and remembers only that it did. */
  forget(saga: SagaId): void {
    const fence = this.entries.get(saga);
    if (!fence) return;
    this.forgotten = Math.max(this.forgotten, fence.announced);
    this.entries.delete(saga);
  }

  /** Whether a saga announced then, and unknown now, may be one that was forgotten. */
  mayHaveForgotten(announced: number): boolean {
    return announced <= this.forgotten;
  }
}

/** Several participants of one process are given the same body. */
const HASHES = new WeakMap<object, string>();

/** The same for an announcement and for the cancel that repeats it with a reason, in whatever order its fields come. */
export function hashOf(body: object): string {
  let hash = HASHES.get(body);
  if (hash === undefined) {
    const { reason: _reason, ...asked } = body as { reason?: string };
    hash = createHash('sha256').update(JSON.stringify(asked, inOrder)).digest('base64').slice(0, 16);
    HASHES.set(body, hash);
  }
  return hash;
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
