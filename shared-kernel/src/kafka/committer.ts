import type { Clock } from '../time/clock';
import type { Coordinator } from './coordinator';
import { asTopics, nameOfPlace } from './places';
import type { Place } from './places';
import type { Membership } from './protocol';

/**
 * What is handled within this time is committed together. After a crash at least as much comes again, and is known by its
 * fences.
 */
const GATHER_MS = 200;

/** Commits how far the partitions of one generation were handled. A commit that fails is tried again with the next one. */
export class Committer {
  private readonly handled = new Map<string, Place>();
  private committing: Promise<void> | undefined;
  private cancelPause: (() => void) | undefined;

  constructor(
    private readonly coordinator: Coordinator,
    private readonly membership: Membership,
    private readonly clock: Clock,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  handledTo(topic: string, partition: number, offset: number): void {
    this.handled.set(nameOfPlace(topic, partition), { topic, partition, offset });
    this.commitSoon();
  }

  /** Commits what is left. Afterwards nothing of this generation is committed any more. */
  async finish(): Promise<void> {
    await this.committing;
    this.cancelPause?.();
    await this.commit();
    this.abandon();
  }

  /** Commits nothing any more. */
  abandon(): void {
    this.cancelPause?.();
    // A pause without an end: whatever is still handled has nobody to commit it.
    this.cancelPause = () => undefined;
    this.handled.clear();
  }

  /** Never rejects. */
  private async commit(): Promise<void> {
    const offsets = new Map(this.handled);
    this.handled.clear();
    try {
      if (offsets.size > 0) await this.send([...offsets.values()]);
    } catch (error) {
      for (const [place, handled] of offsets) if (!this.handled.has(place)) this.handled.set(place, handled);
      this.onFailure(error);
    }
    this.committing = undefined;
    if (this.handled.size > 0) this.commitSoon();
  }

  private commitSoon(): void {
    if (this.committing) return;
    this.cancelPause ??= this.clock.after(GATHER_MS, () => {
      this.cancelPause = undefined;
      this.committing = this.commit();
    });
  }

  private async send(offsets: readonly Place[]): Promise<void> {
    const { groupId, generationId, memberId } = this.membership;
    const topics = asTopics(offsets);
    await this.coordinator.ask((broker) =>
      broker.offsetCommit({ groupId, groupGenerationId: generationId, memberId, topics }),
    );
  }
}
