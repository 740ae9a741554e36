// breaks src-imports-no-test
import { anyNumber } from '../../shared-kernel/src/testing/suite';

export const leaning = anyNumber;
