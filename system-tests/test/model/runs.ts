const RUNS = Number(process.env['MODEL_RUNS'] ?? 6);

/**
 * Few random scripts a time, and other ones each time; `MODEL_RUNS=200 npx jest --testTimeout=900000 test/model` plays
 * more. What is printed of a failure has its seed and path, to play it again, and the script as it was shrunk.
 */
export const BOUNDED = {
  numRuns: RUNS,
  // On a busy machine there are fewer; and shrinking ends before Jest gives up, so that what it has found is told.
  interruptAfterTimeLimit: 2_500 * RUNS,
};
