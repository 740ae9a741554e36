import { announces } from '../../../../shared-kernel/src/saga/saga';
import type { Ports } from '../ports';

export const rentSaga = (ports: Ports): unknown[] => [ports, announces];
