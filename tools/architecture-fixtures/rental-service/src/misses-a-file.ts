// breaks no-unresolvable
import { missing } from './no-such-file';

export const missed = missing;
