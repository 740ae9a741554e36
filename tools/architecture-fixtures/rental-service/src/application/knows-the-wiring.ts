// breaks application-imports-domain-and-ports
import { rental } from '../composition-root';

export const wired = rental;
