import { LibraryUnderTest } from '../library-under-test';
import { specifyStrangers } from './strangers';

describe('what strangers say', () => {
  specifyStrangers((settings) => LibraryUnderTest.start(settings));
});
