/** Something outside this program stands in the way. The message says what happened, why, and what to do next. */
export class InfraFailure extends Error {
  override readonly name = 'InfraFailure';
}
