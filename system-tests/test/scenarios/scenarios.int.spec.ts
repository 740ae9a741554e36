import { DistributedLibraryUnderTest } from '../distributed-library-under-test';
import { describeOnServers } from '../on-servers';
import type { StartLibrary } from '../over-http';
import { specifyContention } from './contention';
import { specifyImpatience } from './impatience';
import { specifyRefusals } from './refusals';
import { specifyReplay } from './replay';
import { specifySilence } from './silence';
import { specifyStrangers } from './strangers';

const start: StartLibrary = (settings) => DistributedLibraryUnderTest.start(settings);

// Each case has topics and databases of its own made.
jest.setTimeout(120_000);

/** What holds on local disk holds here, sentence for sentence. */
describeOnServers('on Kafka and MongoDB [S6]', () => {
  describe('many at once', () => {
    specifyContention(start);
  });
  describe('business refusals', () => {
    specifyRefusals(start);
  });
  describe('what was said', () => {
    specifyReplay(start);
  });
  describe('what strangers say', () => {
    specifyStrangers(start);
  });
  describe('silence', () => {
    specifySilence(start);
  });
  describe('impatient clients', () => {
    specifyImpatience(start);
  });
});
