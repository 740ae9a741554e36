// breaks application-imports-domain-and-ports
import { environment } from '../../../shared-kernel/src/environment/environment';

export const read = environment;
