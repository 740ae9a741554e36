// breaks domain-imports-domain
export type { Ports } from '../application/ports';
