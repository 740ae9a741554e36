import { z } from 'zod';
import { closed, jsonSchemaOf, lifted, unknownFieldsOf, type JsonSchema } from '../../src/http/json-schemas';

function unknownIn(schema: z.ZodType, value: unknown): string[] {
  const found: string[] = [];
  unknownFieldsOf(closed(jsonSchemaOf(schema)))(value, 'body', found);
  return found;
}

const book = z.object({ no: z.int(), title: z.string() });
const rent = z.object({ kind: z.literal('rent'), book });
const clear = z.object({ kind: z.literal('clear'), points: z.int() });

describe('the fields that a schema does not name', () => {
  it.each<[string, z.ZodType, unknown, string[]]>([
    ['are none in what it names', book, { no: 1, title: 'x' }, []],
    ['are found at the top', book, { no: 1, status: 'x' }, ['body.status']],
    ['are found below', z.object({ book }), { book: { author: 'x' } }, ['body.book.author']],
    ['are found in lists', z.array(book), [{ no: 1 }, { nr: 1 }], ['body.1.nr']],
    ['are found below what may be absent', z.object({ book: book.optional() }), { book: { x: 1 } }, ['body.book.x']],
    ['are found below what may be null', z.object({ book: book.nullable() }), { book: { x: 1 } }, ['body.book.x']],
    ['are found below what has a name', z.object({ a: book.meta({ id: 'Book1' }) }), { a: { x: 1 } }, ['body.a.x']],
    ['are those of the closest alternative', z.union([rent, clear]), { kind: 'rent', book: { no: 1 }, points: 1 }, []],
    ['are those of no alternative', z.union([rent, clear]), { kind: 'rent', status: 'x' }, ['body.status']],
    [
      'are those of the alternative that knows most',
      z.union([rent, z.object({ book: z.object({ isbn: z.string() }) })]),
      { book: { isbn: 'x', y: 1 } },
      ['body.book.y'],
    ],
    ['are found below an alternative', z.union([rent, clear]), { kind: 'rent', book: { x: 1 } }, ['body.book.x']],
    ['are found in what is read from other spellings', z.preprocess((given) => given, book), { x: 1 }, ['body.x']],
    ['are found in what is changed when read', book.transform(({ no }) => no), { x: 1 }, ['body.x']],
    ['are none where any are taken', z.looseObject({ no: z.int() }), { x: 1 }, []],
    ['are none in a dictionary', z.record(z.string(), book), { x: { no: 1 } }, []],
    ['are found in the values of a dictionary', z.record(z.string(), book), { x: { y: 1 } }, ['body.x.y']],
    ['are not looked for in what is no object', book, 'text', []],
    ['are not looked for where no object is due', z.object({ name: z.string() }), { name: { $gt: '' } }, []],
    [
      'include those that every object has',
      book,
      JSON.parse('{"__proto__":1,"constructor":1,"toString":1}'),
      ['body.__proto__', 'body.constructor', 'body.toString'],
    ],
  ])('%s', (_what, schema, value, unknown) => {
    expect(unknownIn(schema, value)).toEqual(unknown);
  });

  it('are found in what contains itself, however deep', () => {
    interface Shelf {
      readonly below?: Shelf | undefined;
    }
    const shelf: z.ZodType<Shelf> = z.object({ below: z.lazy(() => shelf).optional() }).meta({ id: 'Shelf' });

    expect(unknownIn(shelf, { below: { below: { x: 1 } } })).toEqual(['body.below.below.x']);
  });
});

describe('a schema in a document', () => {
  it('says that it takes no other fields', () => {
    expect(closed(jsonSchemaOf(z.object({ book, any: z.looseObject({ a: z.int() }) })))).toMatchObject({
      additionalProperties: false,
      properties: { book: { additionalProperties: false }, any: { additionalProperties: {} } },
    });
  });

  it('is put once among the components when it has a name', () => {
    const components = new Map<string, JsonSchema>();
    const named = book.meta({ id: 'Book2' });

    expect(lifted(jsonSchemaOf(z.array(named)), components)).toEqual({
      type: 'array',
      items: { $ref: '#/components/schemas/Book2' },
    });
    expect(lifted(jsonSchemaOf(named), components)).toEqual({ $ref: '#/components/schemas/Book2' });
    expect([...components.keys()]).toEqual(['Book2']);
  });

  it('keeps the examples and defaults of what is changed when read', () => {
    const no = z.preprocess(Number, z.int()).meta({ examples: ['7'], default: '1' });

    expect(jsonSchemaOf(z.object({ no: no.optional() }))).toMatchObject({
      properties: { no: { examples: ['7'], default: '1' } },
    });
  });

  it('never takes a name that another one has', () => {
    const components = new Map<string, JsonSchema>([['Book3', { type: 'string' }]]);

    expect(() => lifted(jsonSchemaOf(book.meta({ id: 'Book3' })), components)).toThrow('named Book3');
  });
});
