import { idNameSchema, textSchema, titleSchema } from '@library/shared-kernel/contracts/bodies';
import { givenTitle } from '@library/shared-kernel/http/names';
import { dayParam } from '@library/shared-kernel/http/parameters';
import { z } from 'zod';
import { CLASSIFICATIONS, LOCATIONS, SOURCES, type BookState } from '../../../domain/book';

/** What was told of a copy when it was registered. */
const particularFields = {
  title: titleSchema,
  author: textSchema(200),
  isbn: textSchema(20).meta({ description: 'As it is printed; not checked.', examples: ['9788937462788'] }),
  classification: z.enum(CLASSIFICATIONS),
  source: z.enum(SOURCES),
  location: z.enum(LOCATIONS),
  description: textSchema(2_000).exactOptional(),
  publicationDate: dayParam.meta({ description: 'The day it came out.', examples: ['2023-02-11'] }).exactOptional(),
};

/** What is told of a copy when it is registered. */
export const registrationFields = { ...particularFields, title: givenTitle };

export const STATUSES = ['ENTERED', 'AVAILABLE', 'UNAVAILABLE', 'WITHDRAWN'] as const satisfies BookState['status'][];

export const bookSchema = z
  .object({
    no: z.int().positive(),
    ...particularFields,
    status: z.enum(STATUSES).meta({ description: 'ENTERED: registered, and not on the shelf.' }),
    holder: idNameSchema.exactOptional().meta({ description: 'Who has it; their card says until when.' }),
  })
  .meta({ id: 'Book', description: 'One copy of a book.' });

export function bookShape(book: BookState): z.input<typeof bookSchema> {
  const { no, particulars, status } = book;
  return { no, ...particulars, status, ...(book.status === 'UNAVAILABLE' ? { holder: book.holder } : {}) };
}
