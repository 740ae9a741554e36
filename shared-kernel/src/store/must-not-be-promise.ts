/** Of a decision: its type says it, and this says it to those who went around the type. Throws for whatever can be awaited. */
export function mustNotBePromise(answer: unknown): void {
  if (typeof answer !== 'object' || answer === null || !('then' in answer)) return;
  // Its own failure, later on, would be told to nobody.
  Promise.resolve(answer).catch(() => undefined);
  throw new Error('A decision must be synchronous: what it does later would not be stored.');
}
