// breaks application-imports-domain-and-ports
import { z } from 'zod';

export const parsed = z.string();
