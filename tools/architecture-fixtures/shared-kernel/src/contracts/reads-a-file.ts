// breaks kernel-contracts-import-zod-only
import { readFileSync } from 'node:fs';

export const read = readFileSync;
