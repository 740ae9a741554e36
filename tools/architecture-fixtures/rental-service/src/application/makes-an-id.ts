// breaks application-imports-domain-and-ports
import { randomUUID } from 'node:crypto';

export const id = randomUUID();
