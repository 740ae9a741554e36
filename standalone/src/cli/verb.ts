import type { Call } from './call';
import type { Syntax } from './syntax';
import type { Told } from './told';

/** One thing that the command line can do. */
export interface Verb extends Syntax {
  run(call: Call): Promise<Told>;
}
