import { LibraryUnderTest } from '../library-under-test';
import { specifyReplay } from './replay';

describe('what was said', () => {
  specifyReplay((settings) => LibraryUnderTest.start(settings));
});
