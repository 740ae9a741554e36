// breaks library(no-inline-import-types)
export type Named = import('./domain/item').Item;
