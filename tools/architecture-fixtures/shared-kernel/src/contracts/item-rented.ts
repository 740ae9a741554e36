import { z } from 'zod';
import type { Item } from '../domain/item';

export const itemRented: z.ZodType<Item> = z.object({ no: z.number(), title: z.string() });
