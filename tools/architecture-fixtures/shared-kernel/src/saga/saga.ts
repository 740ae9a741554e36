import { itemRented } from '../contracts/item-rented';

export const announces = itemRented;
