// breaks library(no-re-exports)
export * from './domain/item';
