import { z } from 'zod';

/** A JSON Schema, draft 2020-12 unless something else is said. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const DEFS = '#/$defs/';

/** What a value must look like to be accepted; schemas with an `id` are in `$defs`. */
export function jsonSchemaOf(schema: z.ZodType, target: 'draft-2020-12' | 'draft-7' = 'draft-2020-12'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    target,
    // zod drops these where a value is changed when it is read, not knowing which side they are of; ours are the sender's.
    override: ({ zodSchema, jsonSchema }) => {
      const { examples, default: byDefault } = z.globalRegistry.get(zodSchema) ?? {};
      if (Array.isArray(examples)) jsonSchema['examples'] = examples;
      if (byDefault !== undefined) jsonSchema['default'] = byDefault;
    },
  });
  return rest;
}

/** The same, with every object refusing the fields that it does not name. */
export function closed(schema: JsonSchema): JsonSchema {
  const copy = mapSchemas(schema, closed);
  return 'properties' in copy && !('additionalProperties' in copy) ? { ...copy, additionalProperties: false } : copy;
}

/** Adds the path of each field that a schema does not name, however deep. Only names are looked at, never values. */
export type UnknownFields = (value: unknown, path: string, found: string[]) => void;

/** Made once for each schema, because every request goes through it. The schema is a closed one. */
export function unknownFieldsOf(schema: JsonSchema, root = schema): UnknownFields {
  const choices = resolved(schema, root);
  const items = choices.flatMap(({ items: one }) => below(one, root));
  const fields = new Map<string, UnknownFields[]>();
  for (const { properties } of choices) {
    for (const [name, one] of Object.entries(properties ?? {})) {
      fields.set(name, [...(fields.get(name) ?? []), ...below(one, root)]);
    }
  }
  const others = choices.flatMap(({ additionalProperties: one }) => below(one, root));
  const namesAny = choices.some((one) => 'properties' in one || 'additionalProperties' in one);

  return (value, path, found) => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) addFewest(items, item, `${path}.${index}`, found);
    } else if (namesAny) {
      for (const name of Object.keys(value)) {
        const known = fields.get(name) ?? others;
        if (known.length === 0) found.push(`${path}.${name}`);
        else addFewest(known, (value as Record<string, unknown>)[name], `${path}.${name}`, found);
      }
    }
  };
}

/** Where there is a choice, that of the alternative which knows most. */
function addFewest(choices: readonly UnknownFields[], value: unknown, path: string, found: string[]): void {
  if (choices.length === 1) return choices[0]?.(value, path, found);

  const [fewest = []] = choices
    .map((choice) => {
      const missed: string[] = [];
      choice(value, path, missed);
      return missed;
    })
    .toSorted((one, other) => one.length - other.length);
  found.push(...fewest);
}

/** Not before it is needed, so that a schema may contain itself. */
function below(schema: unknown, root: JsonSchema): UnknownFields[] {
  if (!isSchema(schema)) return [];
  let made: UnknownFields | undefined;
  return [(value, path, found) => (made ??= unknownFieldsOf(schema, root))(value, path, found)];
}

/** Its `$defs` go into `components`, and it refers to them there: what OpenAPI and AsyncAPI documents want. */
export function lifted(schema: JsonSchema, components: Map<string, JsonSchema>): JsonSchema {
  const { $defs: defs, definitions, ...rest } = schema;
  const named = { ...(defs as JsonSchema | undefined), ...(definitions as JsonSchema | undefined) };
  for (const [name, definition] of Object.entries(named)) {
    const there = components.get(name);
    const here = lifted(definition as JsonSchema, components);
    if (there && JSON.stringify(there) !== JSON.stringify(here)) {
      throw new Error(`Two different schemas are named ${name}. Give one of them another id.`);
    }
    components.set(name, here);
  }
  const { $ref: ref, ...copy } = mapSchemas(rest, (inner) => lifted(inner, components));
  if (typeof ref !== 'string') return copy;
  return { ...copy, $ref: ref.replace(/^#\/(\$defs|definitions)\//, '#/components/schemas/') };
}

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null;

function own(properties: unknown, name: string): unknown {
  return isSchema(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** The schema itself, or each that it leaves a choice of. */
function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema[] {
  const ref = schema['$ref'];
  if (typeof ref === 'string') {
    const definition = own(root['$defs'], ref.slice(DEFS.length));
    return isSchema(definition) ? resolved(definition, root) : [];
  }
  const choices = schema['anyOf'] ?? schema['oneOf'];
  return Array.isArray(choices) ? (choices as JsonSchema[]).flatMap((one) => resolved(one, root)) : [schema];
}

/** Applies `change` to the schemas right below this one, and leaves the rest as it is. */
function mapSchemas(schema: JsonSchema, change: (inner: JsonSchema) => JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (!isSchema(value)) return [keyword, value];
      if (['properties', '$defs', 'definitions', 'patternProperties'].includes(keyword)) {
        return [
          keyword,
          Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(inner as JsonSchema)])),
        ];
      }
      if (['items', 'additionalProperties', 'propertyNames', 'not'].includes(keyword)) return [keyword, change(value)];
      if (['anyOf', 'oneOf', 'allOf', 'prefixItems'].includes(keyword)) {
        return [keyword, (value as unknown as JsonSchema[]).map(change)];
      }
      return [keyword, value];
    }),
  );
}
