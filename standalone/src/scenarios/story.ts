import type { Stage } from './stage';

/** One sentence of a story as it is being told, and what kind of sentence it is. */
export interface StoryLine {
  readonly part:
    /** Where we are. */
    | 'scene'
    /** What somebody asks for. */
    | 'asked'
    /** What goes wrong. */
    | 'broke'
    /** What follows. */
    | 'happened'
    /** What was taken back. */
    | 'undone'
    /** What was to be expected, and is so. */
    | 'holds'
    /** What was to be expected, and is not so. */
    | 'fails';
  readonly text: string;
}

export type Tell = (line: StoryLine) => void;

/** A failure scenario for people, played on a library of its own. */
export interface Story {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** The rows of the catalogue of failures that it shows. */
  readonly rows: readonly string[];
  play(stage: Stage): Promise<void>;
}

/** The story cannot go on: what it waited for did not come about. */
export class StoryBrokeOff extends Error {
  override readonly name = 'StoryBrokeOff';
}
