import type { Collection, Document, OptionalUnlessRequiredId } from 'mongodb';
import { isDuplicateKeyCode, writeErrorsOf } from './mongo-fault';

/** Inserts what is not there yet, and answers those whose ids are taken. Rejects when anything else failed. */
export async function insertAbsent<Stored extends Document>(
  collection: Collection<Stored>,
  documents: readonly OptionalUnlessRequiredId<Stored>[],
): Promise<readonly OptionalUnlessRequiredId<Stored>[]> {
  if (documents.length === 0) return [];
  try {
    await collection.insertMany(documents, { ordered: false });
    return [];
  } catch (error) {
    const errors = writeErrorsOf(error);
    if (!errors?.every(({ code }) => isDuplicateKeyCode(code))) throw error;
    return errors.map(({ index }) => documents[index]!);
  }
}
