// breaks library(no-inline-import-types)
export type Named = typeof import('./domain/item');
