// breaks kernel-core-is-pure
import type { database } from '../embedded/database';

export type Named = typeof database;
