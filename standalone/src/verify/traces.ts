import type { Direction, ParticipantName } from '@library/shared-kernel/contracts/event-contract';
import type { Fence } from '@library/shared-kernel/participant/fence';

const FENCED = 1;
const AGREED = 2;
const EFFECTIVE = 4;
const UNDONE = 8;
const CONFIRMED = 16;
const FENCED_TWICE = 32;

/** Six bits for each participant, then two for each direction, then one. */
const PLACE_OF: Readonly<Record<ParticipantName, number>> = { book: 0, member: 6, bestbook: 12 };
const PUBLISHED: Readonly<Record<Direction, number>> = { do: 1 << 18, undo: 1 << 19, confirm: 1 << 20 };
const WAITING: Readonly<Record<Direction, number>> = { do: 1 << 21, undo: 1 << 22, confirm: 1 << 23 };
const SPOKEN_OF = 1 << 24;

/** What a participant remembers of a saga. */
export interface Part {
  readonly fenced: boolean;
  readonly agreed: boolean;
  readonly effective: boolean;
  readonly undone: boolean;
  readonly confirmed: boolean;
  readonly fencedTwice: boolean;
}

/** What there is of one saga outside the service that runs it. */
export class Trace {
  constructor(private readonly bits: number) {}

  of(participant: ParticipantName): Part {
    const bits = this.bits >> PLACE_OF[participant];
    return {
      fenced: (bits & FENCED) !== 0,
      agreed: (bits & AGREED) !== 0,
      effective: (bits & EFFECTIVE) !== 0,
      undone: (bits & UNDONE) !== 0,
      confirmed: (bits & CONFIRMED) !== 0,
      fencedTwice: (bits & FENCED_TWICE) !== 0,
    };
  }

  published(direction: Direction): boolean {
    return (this.bits & PUBLISHED[direction]) !== 0;
  }

  waits(direction: Direction): boolean {
    return (this.bits & WAITING[direction]) !== 0;
  }

  /** Whether a message names it that a service should have been able to handle. */
  get spokenOf(): boolean {
    return (this.bits & SPOKEN_OF) !== 0;
  }
}

/** One number for each saga that some fence or message names, however many there are. */
export class Traces {
  private readonly bits = new Map<string, number>();

  fence(participant: ParticipantName, saga: string, { answer, effect, undone, confirmed }: Fence): void {
    const place = PLACE_OF[participant];
    const again = ((this.bits.get(saga) ?? 0) >> place) & FENCED ? FENCED_TWICE : FENCED;
    const all =
      again |
      (answer === 'ok' ? AGREED : 0) |
      (effect === 'nothing' ? 0 : EFFECTIVE) |
      (undone ? UNDONE : 0) |
      (confirmed ? CONFIRMED : 0);
    this.add(saga, all << place);
  }

  published(saga: string, direction: Direction): void {
    this.add(saga, PUBLISHED[direction]);
  }

  waits(saga: string, direction: Direction): void {
    this.add(saga, WAITING[direction]);
  }

  spokenOf(saga: string): void {
    this.add(saga, SPOKEN_OF);
  }

  /** The saga's, which is then no longer among those that are left. */
  take(saga: string): Trace {
    const bits = this.bits.get(saga) ?? 0;
    this.bits.delete(saga);
    return new Trace(bits);
  }

  /** Those of sagas that nobody has taken. */
  *left(): Iterable<readonly [saga: string, trace: Trace]> {
    for (const [saga, bits] of this.bits) yield [saga, new Trace(bits)];
  }

  private add(saga: string, bits: number): void {
    this.bits.set(saga, (this.bits.get(saga) ?? 0) | bits);
  }
}
