// breaks domain-imports-domain
export type * from '../application/ports';
