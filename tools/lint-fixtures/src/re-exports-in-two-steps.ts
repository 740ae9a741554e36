// breaks library(no-re-exports)
import { someItem } from './domain/item';

export { someItem };
