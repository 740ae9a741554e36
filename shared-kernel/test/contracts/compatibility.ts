import type { JsonSchema } from '../../src/http/json-schemas';

/** What limits a value; a reader that changes one may no longer accept what lies on the topics. */
const LIMITS = [
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
] as const;

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/**
 * Why messages of the one shape and readers of the other would not get on, in sentences; none when they do. Both
 * directions count: old messages are read again at every replay, and in a rolling upgrade new ones by old readers. An
 * enumeration may grow all the same: an older reader parks what it does not know, and a newer one takes it up.
 */
export function breaksBetween(before: JsonSchema, after: JsonSchema, path = ''): readonly string[] {
  const name = path || 'the body';
  if (before['type'] !== after['type']) return [`${name} is another type now`];

  const old = before as ObjectSchema;
  const young = after as ObjectSchema;
  const at = (field: string) => (path ? `${path}.${field}` : field);
  const required = (schema: ObjectSchema, field: string) => schema.required?.includes(field) ?? false;
  const fields = Object.keys({ ...old.properties, ...young.properties });

  return [
    ...valueBreaks(before, after, name),
    ...fields.flatMap((field): readonly string[] => {
      const [was, is] = [old.properties?.[field], young.properties?.[field]];
      if (!is) return [`${at(field)} is gone`];
      if (required(young, field) && !required(old, field)) return [`${at(field)} is required now`];
      if (!was) return [];
      if (required(old, field) && !required(young, field)) return [`${at(field)} may be missing now`];
      return breaksBetween(was, is, at(field));
    }),
  ];
}

function valueBreaks(before: JsonSchema, after: JsonSchema, name: string): readonly string[] {
  const accepted = new Set(after['enum'] as readonly unknown[] | undefined);
  const lost = ((before['enum'] ?? []) as readonly unknown[]).filter((value) => after['enum'] && !accepted.has(value));
  const limits = LIMITS.filter((limit) => limit in after && before[limit] !== after[limit]);
  return [
    ...lost.map((value) => `${name} no longer accepts ${JSON.stringify(value)}`),
    ...limits.map((limit) => `${name} is limited otherwise now (${limit})`),
  ];
}
