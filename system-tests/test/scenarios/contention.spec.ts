import { LibraryUnderTest } from '../library-under-test';
import { specifyContention } from './contention';

describe('many at once', () => {
  specifyContention((settings) => LibraryUnderTest.start(settings));
});
