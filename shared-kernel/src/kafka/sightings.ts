import type { Clock } from '../time/clock';
import { getOrCreate } from './get-or-create';
import { nameOfPlace } from './places';

/** Two sightings so close to each other are one. */
const TOGETHER_MS = 20;
/** Even, so that thinning them out keeps the last. */
const MOST_OF_A_PARTITION = 1_000;

interface Sighting {
  end: number;
  readonly at: number;
}

/**
 * When this process first knew how far each partition reached. A record's own time says when the fact happened, and a
 * message that is sent again is old from the start; so this is how long a message has lain there as far as we can know.
 */
export class Sightings {
  private readonly byPlace = new Map<string, Sighting[]>();

  constructor(private readonly clock: Clock) {}

  /** The partition reaches up to here, this offset not included. */
  saw(topic: string, partition: number, end: number): void {
    const place = nameOfPlace(topic, partition);
    const sightings = getOrCreate(this.byPlace, place, () => []);
    const last = sightings.at(-1);
    if (last && end <= last.end) return;

    const now = this.clock.now();
    if (last && Math.abs(now - last.at) < TOGETHER_MS) last.end = end;
    else sightings.push({ end, at: now });
    // Only somebody who is far behind needs so many, and need not know it to the millisecond.
    if (sightings.length > MOST_OF_A_PARTITION)
      this.byPlace.set(
        place,
        sightings.filter((_, n) => n % 2 === 0),
      );
  }

  /** For how long the message at this offset has lain there, in milliseconds. */
  ageOf(topic: string, partition: number, offset: number): number {
    const first = this.byPlace.get(nameOfPlace(topic, partition))?.find(({ end }) => end > offset);
    return first ? Math.max(0, this.clock.now() - first.at) : 0;
  }
}
