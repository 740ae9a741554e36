import { LibraryUnderTest } from '../library-under-test';
import { specifyImprovements } from './improvements';
import { specifyOriginalScript } from './original-script';

describe('the script of the original system', () => {
  let library: LibraryUnderTest;
  beforeAll(async () => void (library = await LibraryUnderTest.start()));
  afterAll(() => library.stop());

  specifyOriginalScript(() => library);
});

describe('what the original system could not do', () => {
  let library: LibraryUnderTest;
  beforeAll(async () => void (library = await LibraryUnderTest.start()));
  afterAll(() => library.stop());

  specifyImprovements(() => library);
});
