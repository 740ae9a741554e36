import type { z } from 'zod';
import { closed, jsonSchemaOf, unknownFieldsOf } from './json-schemas';
import { problem, TurnedAway } from './problem';

const MOST_ERRORS = 20;
const LONGEST_PATH = 100;

/** Reads one part of a request, or turns the request away. */
export type Reader<Schema extends z.ZodType> = (input: unknown) => z.output<Schema>;

/**
 * Reads what `schema` describes. A field that it does not name, however deep, is refused, unless `lenient`; the schema of
 * the documents decides which those are, so that the documents cannot say otherwise.
 */
export function readerOf<Schema extends z.ZodType>(schema: Schema, where: string, lenient: boolean): Reader<Schema> {
  const addUnknown = unknownFieldsOf(closed(jsonSchemaOf(schema)));

  return (input) => {
    const unknown: string[] = [];
    if (!lenient) addUnknown(input, where, unknown);
    const read = schema.safeParse(input);
    if (read.success && unknown.length === 0) return read.data;

    const wrong = (read.error?.issues ?? []).filter((issue) => issue.code !== 'unrecognized_keys' || lenient);
    const errors = [
      ...unknown.map((path) => ({ path, message: 'There is no such field here.' })),
      ...wrong.map((issue) => ({ path: [where, ...issue.path].join('.'), message: messageOf(issue) })),
    ];
    throw new TurnedAway(
      problem(unknown.length > 0 ? 'unknown-field' : 'invalid-input', {
        errors: errors
          .slice(0, MOST_ERRORS)
          .map(({ path, message }) => ({ path: path.slice(0, LONGEST_PATH), message })),
      }),
    );
  };
}

function messageOf({ code, message }: z.core.$ZodIssue): string {
  return code === 'invalid_type' && message.endsWith('received undefined') ? 'This is missing.' : message;
}
