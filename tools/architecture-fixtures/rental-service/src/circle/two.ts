// breaks no-circle
import type { One } from './one';

export type Two = { one?: One };
