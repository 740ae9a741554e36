import { LibraryUnderTest } from '../library-under-test';
import { specifyRefusals } from './refusals';

describe('business refusals', () => {
  specifyRefusals((settings) => LibraryUnderTest.start(settings));
});
