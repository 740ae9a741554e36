import { LibraryUnderTest } from '../library-under-test';
import { specifySilence } from './silence';

describe('silence', () => {
  specifySilence((settings) => LibraryUnderTest.start(settings));
});
