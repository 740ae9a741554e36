import { idNameSchema } from '@library/shared-kernel/contracts/bodies';
import { dayParam } from '@library/shared-kernel/http/parameters';
import { z } from 'zod';
import { isMarked, type CardItem, type ReturnedItem } from '../../../domain/card-item';
import { RentalCard, type RentalCardState } from '../../../domain/rental-card';

export const CARD_STATUSES = ['RENT_AVAILABLE', 'RENT_UNAVAILABLE'] as const satisfies RentalCard['status'][];
const ITEM_STATES = ['RENTING', 'RENTED', 'RETURNING'] as const satisfies CardItem['state'][];

const noSchema = z.int().positive().meta({ description: 'Number of one copy of a book.' });
const countSchema = z.int().nonnegative();
export const feeSchema = z.int().nonnegative().meta({ description: 'In points.' });

export const cardItemSchema = z
  .object({
    no: noSchema,
    title: z.string(),
    state: z.enum(ITEM_STATES).meta({ description: 'RENTING and RETURNING have not ended yet.' }),
    rentedOn: dayParam,
    dueOn: dayParam.meta({ description: 'The last day that costs nothing.' }),
    overdue: z.boolean().meta({ description: 'Whether it was marked overdue, which blocks the card.' }),
    saga: z.string().exactOptional().meta({ description: 'The saga under way on it.' }),
  })
  .meta({ id: 'CardItem', description: 'A book on a card.' });

export const cardSchema = z
  .object({
    member: idNameSchema,
    status: z.enum(CARD_STATUSES),
    fee: feeSchema,
    items: z.array(cardItemSchema),
    counts: z.object({
      rented: countSchema.meta({ description: 'Books on the card now, those under way included.' }),
      returned: countSchema.meta({ description: 'Returns ever completed.' }),
      overdue: countSchema.meta({ description: 'Books on the card that are marked overdue.' }),
    }),
  })
  .meta({ id: 'RentalCard', description: 'A member’s card: what is on loan, and what is owed.' });

export const returnedSchema = z
  .object({
    no: noSchema,
    title: z.string(),
    rentedOn: dayParam,
    returnedOn: dayParam.meta({ description: 'The day on which the return was accepted.' }),
    fee: feeSchema,
  })
  .meta({ id: 'ReturnedItem', description: 'A loan that has ended.' });

export function cardShape(state: RentalCardState): z.input<typeof cardSchema> {
  const { member, fee, items } = state;
  const { status, counts } = new RentalCard(state);
  return { member, status, fee, items: items.map(itemShape), counts };
}

export function itemShape(item: CardItem): z.input<typeof cardItemSchema> {
  const { no, title, state, rentedOn, dueOn } = item;
  const saga = item.state === 'RENTED' ? {} : { saga: item.saga };
  return { no, title, state, rentedOn, dueOn, overdue: isMarked(item), ...saga };
}

export function returnedShape({ no, title, rentedOn, returnedOn, fee }: ReturnedItem): z.input<typeof returnedSchema> {
  return { no, title, rentedOn, returnedOn, fee };
}
