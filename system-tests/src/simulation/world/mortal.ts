import type { Clock } from '@library/shared-kernel/time/clock';
import type { Place } from '../plan/fault-points';
import type { PlannedFault } from '../plan/plan';
import type { Random } from '../random';
import type { Lurking } from './lurking';
import type { Role } from './roles';

const never = <Value>() => new Promise<Value>(() => undefined);

/** How often something that a process waits for takes a moment. */
const TAKES_A_MOMENT = 0.2;
const LONGEST_MOMENT_MS = 12;

/**
 * The life of one process. Whatever it reaches for passes through here, so that after its death nothing it had begun is
 * ever heard of again, and while it is paused everything waits.
 */
export class Mortal {
  private isDead = false;
  /** What the messages of each batch are about that it has in hand. */
  private readonly hands = new Set<readonly string[]>();
  private awake: Promise<void> | undefined;
  private wake: () => void = () => undefined;
  private died: () => void = () => undefined;
  readonly death = new Promise<'dead'>((resolve) => (this.died = () => resolve('dead')));

  constructor(
    private readonly role: Role,
    private readonly time: Pick<Clock, 'after'>,
    private readonly lurking: Pick<Lurking, 'at'>,
    private readonly random: Pick<Random, 'chance' | 'below'>,
    private readonly buried: () => void,
  ) {}

  get dead(): boolean {
    return this.isDead;
  }

  /** What the messages are about that it has in hand. */
  get inHand(): readonly string[] {
    return [...this.hands].flat();
  }

  get isHandling(): boolean {
    return this.hands.size > 0;
  }

  die(): void {
    if (this.isDead) return;
    this.isDead = true;
    this.died();
    this.buried();
  }

  pause(): void {
    this.awake ??= new Promise((resolve) => (this.wake = resolve));
  }

  resume(): void {
    this.awake = undefined;
    this.wake();
  }

  /** Does something outside the process; neither begins nor ends while it does not live. */
  async lives<Value>(work: () => Promise<Value>): Promise<Value> {
    await this.turn();
    try {
      return await work();
    } finally {
      await this.turn();
    }
  }

  /** Dies here when a fault lies in wait. */
  async passes(place: Place, subjects: readonly string[] = this.inHand): Promise<void> {
    if (!this.isDead && this.meets(place, subjects)) this.die();
    await this.turn();
  }

  meets(place: Place, subjects: readonly string[] = this.inHand): PlannedFault | undefined {
    return this.lurking.at(place, { role: this.role, subjects });
  }

  /** Has messages about these in hand while it works. */
  async holding(subjects: readonly string[], work: () => Promise<void>): Promise<void> {
    this.hands.add(subjects);
    try {
      await work();
    } finally {
      this.hands.delete(subjects);
    }
  }

  /** Takes a moment, now and then. */
  async moment(): Promise<void> {
    if (this.random.chance(TAKES_A_MOMENT)) await this.sleep(this.random.below(LONGEST_MOMENT_MS));
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.time.after(ms, resolve));
  }

  /** A timer that a dead process does not hear, and a paused one hears late. */
  after(ms: number, wake: () => void): () => void {
    let isCancelled = false;
    const heard = () => void (this.isDead || isCancelled || wake());
    const cancel = this.time.after(ms, () => {
      if (this.awake) void this.awake.then(heard);
      else heard();
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  /** Resolves when the process has its turn: later while it is paused, and never when it is dead. */
  async turn(): Promise<void> {
    while (this.awake && !this.isDead) await this.awake;
    if (this.isDead) await never();
  }
}
