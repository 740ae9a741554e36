// breaks kernel-contracts-import-zod-only
import type { database } from '../embedded/database';

export type Named = typeof database;
