// breaks kernel-core-is-pure
import { hostname } from 'node:os';

export const id = hostname();
