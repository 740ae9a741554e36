import type { Paint } from './display';
import type { Exit } from './exit';

/** What a command tells: as it is with `--json`, and as text for people. */
export interface Told<Data = unknown> {
  readonly data: Data;
  readonly text: string;
  readonly exit: Exit;
}

/** Makes the text of the data. */
export type Telling<Data> = (data: Data, paint: Paint) => string;
