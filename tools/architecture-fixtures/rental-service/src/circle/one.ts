// breaks no-circle
import type { Two } from './two';

export type One = { two?: Two };
