import Database from 'libsql';
import type { Ports } from '../../../application/ports';

export const cards = (ports: Ports): unknown[] => [ports, Database];
