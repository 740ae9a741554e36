/** What time it is, and waking up later: the only sources of time in the system, so that a test can own them. */
export interface Clock {
  /** Milliseconds since the epoch. It may jump either way; nothing that must be right rests on it. */
  now(): number;
  /** Runs `wake` once, `ms` from now at the earliest, and never lets a waiting process live on for it. The answer cancels it. */
  after(ms: number, wake: () => void): () => void;
}
