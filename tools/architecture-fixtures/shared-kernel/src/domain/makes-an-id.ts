// breaks domain-imports-domain
// breaks kernel-core-is-pure
import { randomUUID } from 'node:crypto';

export const id = randomUUID();
