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

/** The story cannot go on: what it waited for did not come about. */
export class StoryBrokeOff extends Error {
  override readonly name = 'StoryBrokeOff';
}
