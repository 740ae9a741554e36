import { anyNumber } from '../../shared-kernel/src/testing/suite';

export const given = anyNumber;
