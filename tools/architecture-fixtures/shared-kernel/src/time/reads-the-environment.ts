// breaks kernel-core-is-pure
import { environment } from '../environment/environment';

export const read = environment;
