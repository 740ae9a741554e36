// breaks domain-imports-domain
import { z } from 'zod';

export const parsed = z.string();
