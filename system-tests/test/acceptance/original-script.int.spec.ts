import { describeOnServers, unsoundAt } from '../on-servers';
import { ProcessesUnderTest } from '../processes-under-test';
import { specifyImprovements } from './improvements';
import { specifyOriginalScript } from './original-script';

jest.setTimeout(120_000);

describeOnServers('four processes, on Kafka and MongoDB', () => {
  describe.each([
    ['the script of the original system', specifyOriginalScript],
    ['what the original system could not do', specifyImprovements],
  ])('%s', (_what, specify) => {
    let library: ProcessesUnderTest;
    beforeAll(async () => void (library = await ProcessesUnderTest.start()));
    afterAll(() => library.stop());

    specify(() => library);

    it('all is well afterwards', async () => {
      expect(await unsoundAt(library.whereabouts)).toEqual([]);
    });
  });
});
