// breaks src-imports-no-test
import { given } from '../test/given';

export const leaning = given;
