// breaks library(no-re-exports)
export { someItem } from './domain/item';
