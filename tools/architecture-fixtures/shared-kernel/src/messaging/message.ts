import type { itemRented } from '../contracts/item-rented';

export type Message = { body: typeof itemRented };
