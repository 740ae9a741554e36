// breaks library(no-re-exports)
export type * from './domain/item';
