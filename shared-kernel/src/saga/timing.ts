const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** When a saga asks again, gives up and calls for help. All in milliseconds, and all in one place. */
export interface SagaTiming {
  /** Waits before an unanswered announcement is sent again, one after the other. */
  readonly resendAfterMs: readonly number[];
  /** How long after it was published an announcement may still be acted on. */
  readonly expiresAfterMs: number;
  /** First and longest wait before an unanswered cancel or confirm is sent again; it doubles in between. */
  readonly insistAfterMs: number;
  readonly longestWaitMs: number;
  /** A saga that has not got further for so long calls for a person. */
  readonly attentionAfterMs: number;
  /** After rental could not hear, silence counts again only when so much time has passed. */
  readonly graceMs: number;
  /** While answers have waited for so long to be read, no saga is begun: it would wait behind them. */
  readonly pushBackAfterMs: number;
  /** How far the clocks of two services may be apart. */
  readonly clockToleranceMs: number;
  /** How long past its expiry a participant remembers an announcement. */
  readonly fencesKeptMs: number;
}

export const DEFAULT_TIMING: SagaTiming = {
  resendAfterMs: [2 * SECOND, 5 * SECOND, 10 * SECOND, 20 * SECOND, 40 * SECOND],
  expiresAfterMs: 2 * MINUTE,
  insistAfterMs: 2 * SECOND,
  longestWaitMs: 5 * MINUTE,
  attentionAfterMs: 3 * MINUTE,
  graceMs: 10 * SECOND,
  pushBackAfterMs: 30 * SECOND,
  clockToleranceMs: 10 * MINUTE,
  fencesKeptMs: 7 * DAY,
};

/** What contradicts itself in a timing, in sentences; none when it is sound. */
export function contradictionsIn(timing: SagaTiming): readonly string[] {
  const resends = timing.resendAfterMs.reduce((sum, wait) => sum + wait, 0);
  const waits = Object.entries(timing).flatMap(([name, value]: [string, number | readonly number[]]) =>
    [value].flat().map((wait) => ({ name, wait })),
  );

  return [
    ...waits
      .filter(({ wait }) => !(wait > 0 && Number.isFinite(wait)))
      .map(({ name }) => `${name} must be more than 0 ms.`),
    ...(timing.resendAfterMs.length === 0 ? ['resendAfterMs must name at least one wait.'] : []),
    ...(resends >= timing.expiresAfterMs
      ? [
          `The re-sends take ${resends} ms, so the last of them would be sent after the announcement has expired (${timing.expiresAfterMs} ms).`,
        ]
      : []),
    ...(timing.longestWaitMs < Math.max(timing.expiresAfterMs, timing.insistAfterMs, ...timing.resendAfterMs)
      ? [`longestWaitMs (${timing.longestWaitMs}) must not be shorter than any other wait of a saga.`]
      : []),
    ...(timing.fencesKeptMs <= timing.expiresAfterMs + timing.clockToleranceMs
      ? [
          `Fences must be kept (${timing.fencesKeptMs} ms) longer than an announcement lives and clocks may differ (${timing.expiresAfterMs + timing.clockToleranceMs} ms).`,
        ]
      : []),
  ];
}
