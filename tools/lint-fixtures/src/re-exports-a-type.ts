// breaks library(no-re-exports)
export type { Item } from './domain/item';
