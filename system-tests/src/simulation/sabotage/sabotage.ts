/** A guard, and how a simulation does without it. */
export interface Sabotage {
  readonly guard: string;
  /** What it sees to. */
  readonly keeps: string;
  /** Switches it off; the answer switches it on again. */
  readonly off: () => () => void;
}
