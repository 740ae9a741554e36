/** Ends what a start began; resolves when nothing of it runs any more. */
export type Stop = () => Promise<void>;
export type Start = () => Promise<Stop>;

/** Starts in order. When one fails, those before it are stopped again; the stop runs in reverse. */
export async function startAll(starts: readonly Start[]): Promise<Stop> {
  const stops: Stop[] = [];
  const stop: Stop = async () => {
    for (const end of stops.toReversed()) await end();
  };
  try {
    for (const start of starts) stops.push(await start());
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
