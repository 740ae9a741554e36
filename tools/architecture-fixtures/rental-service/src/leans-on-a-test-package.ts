// breaks src-imports-no-test
// breaks src-declares-its-packages
import fc from 'fast-check';

export const leaning = fc;
