import { RecordDocuments } from '../../src/mongodb/record-document';
import type { StoredRecord } from '../../src/mongodb/record-document';
import { tallies } from '../../src/testing/tally';

const COMMITS = ['3:one', '5:another'];
const stored: StoredRecord = {
  version: 5,
  commits: COMMITS,
  body: { count: 5, notes: [], nicknames: [] },
  waiting: [],
  leaving: [],
  entries: [],
};

describe('The document of a record', () => {
  const documents = new RecordDocuments(tallies, () => 0);
  const document = documents.compose('a', stored);

  it('keeps its last commits as one text: a list of as many would weigh more than all else', () => {
    expect(document.commits).toBe('3:one 5:another');
    expect(documents.parse(document)).toEqual(stored);
  });

  it('is read as an earlier release has written it, with a list of them that may lack some', () => {
    expect(documents.parse({ ...document, commits: COMMITS })).toEqual({ ...stored, commits: [...COMMITS, '5:'] });
  });
});
