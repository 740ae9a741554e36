// breaks domain-imports-domain
import { randomUUID } from 'node:crypto';

export const id = randomUUID();
