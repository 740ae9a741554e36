import { memberIdSchema, memberNameSchema } from '@library/shared-kernel/contracts/bodies';
import { dayParam } from '@library/shared-kernel/http/parameters';
import { z } from 'zod';
import { isMarked, type CardItem, type ReturnedItem } from '../../../domain/card-item';
import { RentalCard, type RentalCardState } from '../../../domain/rental-card';
import { CARD_STATUSES, feeSchema } from './card-shapes';

const countSchema = z.int().nonnegative();
const itemFields = { itemNo: z.int().positive(), itemtitle: z.string() };

export const originalCardSchema = z
  .object({
    rentalCardId: z.string().meta({ description: 'The member’s id: a member has one card.' }),
    memberId: memberIdSchema,
    memberName: memberNameSchema,
    rentStatus: z.enum(CARD_STATUSES),
    totalLateFee: feeSchema,
    totalRentalCnt: countSchema.meta({ description: 'Books on the card now.' }),
    totalReturnCnt: countSchema.meta({ description: 'Returns ever completed.' }),
    totalOverduedCnt: countSchema.meta({ description: 'Books on the card that are overdue.' }),
  })
  .meta({ id: 'OriginalRentalCard', description: 'A card, as the original system shows it.' });

export const originalItemSchema = z
  .object({
    ...itemFields,
    rentDate: dayParam,
    overdued: z.boolean(),
    overdueDate: dayParam.meta({ description: 'The day on which the book is due back.' }),
  })
  .meta({ id: 'OriginalRentItem', description: 'A book on a card, as the original system shows it.' });

export const originalReturnedSchema = z
  .object({ ...itemFields, returnDate: dayParam })
  .meta({ id: 'OriginalReturnItem', description: 'A loan that has ended, as the original system shows it.' });

export const originalClearingSchema = z
  .object({ userId: memberIdSchema, userNm: memberNameSchema, rentedCount: countSchema, totalLateFee: feeSchema })
  .meta({ id: 'OriginalClearing', description: 'What is left on a card, as the original system shows it.' });

export function originalCard(state: RentalCardState): z.input<typeof originalCardSchema> {
  const { member, fee } = state;
  const { status, counts } = new RentalCard(state);
  return {
    rentalCardId: member.id,
    memberId: member.id,
    memberName: member.name,
    rentStatus: status,
    totalLateFee: fee,
    totalRentalCnt: counts.rented,
    totalReturnCnt: counts.returned,
    totalOverduedCnt: counts.overdue,
  };
}

export function originalItem(item: CardItem): z.input<typeof originalItemSchema> {
  const { no, title, rentedOn, dueOn } = item;
  return { itemNo: no, itemtitle: title, rentDate: rentedOn, overdued: isMarked(item), overdueDate: dueOn };
}

export function originalReturned({ no, title, returnedOn }: ReturnedItem): z.input<typeof originalReturnedSchema> {
  return { itemNo: no, itemtitle: title, returnDate: returnedOn };
}

export function originalClearing({ member, items, fee }: RentalCardState): z.input<typeof originalClearingSchema> {
  return { userId: member.id, userNm: member.name, rentedCount: items.length, totalLateFee: fee };
}
