import type { announces } from '../saga/saga';

export type Handles = typeof announces;
