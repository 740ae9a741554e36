import type { Stage } from './stage';

/** A failure scenario for people, played on a library of its own. */
export interface Story {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** The rows of the catalogue of failures that it shows. */
  readonly rows: readonly string[];
  /** It waits for silence, which would take minutes elsewhere. */
  readonly isHurried?: true;
  play(stage: Stage): Promise<void>;
}
