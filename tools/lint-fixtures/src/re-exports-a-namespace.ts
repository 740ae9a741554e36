// breaks library(no-re-exports)
export * as items from './domain/item';
