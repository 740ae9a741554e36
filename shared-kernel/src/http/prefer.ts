/** What one request may wait for its outcome, at most. */
export const LONGEST_WAIT_SECONDS = 30;

const PREFERENCE = /^\s*([^\s=;]+)(?:\s*=\s*"?([^"\s;]*)"?)?/;

/**
 * Seconds of `Prefer: wait=N` (RFC 7240), clipped to what we are willing to wait. The first of several counts. `undefined`
 * when there is none; a preference that makes no sense is not an error.
 */
export function waitSecondsOf(prefer: string | undefined): number | undefined {
  if (prefer === undefined) return undefined;

  for (const preference of prefer.split(',')) {
    const [, name, value] = PREFERENCE.exec(preference) ?? [];
    if (name?.toLowerCase() !== 'wait') continue;
    return value !== undefined && /^\d{1,9}$/.test(value) ? Math.min(Number(value), LONGEST_WAIT_SECONDS) : undefined;
  }
  return undefined;
}
