/** Emitted on each response in flight when its server stops: whoever waits for something answers now, and a stream ends. */
export const STOPPING = Symbol('stopping');
