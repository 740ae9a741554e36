// breaks kernel-core-is-pure
import { z } from 'zod';

export const parsed = z.string();
