// breaks application-imports-domain-and-ports
import type { database } from '../../../shared-kernel/src/embedded/database';

export type Named = typeof database;
