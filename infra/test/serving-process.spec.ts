import { ServingProcess } from '@library/infra/serving-process';

const node = (program: string) => ServingProcess.start('it', process.execPath, ['-e', program]);
const FOREVER = 'setInterval(() => 0, 1e6);';

describe('a process that serves', () => {
  const started: ServingProcess[] = [];
  const start = (program: string) => {
    const one = node(program);
    started.push(one);
    return one;
  };
  afterEach(async () => {
    await Promise.all(started.splice(0).map((one) => one.kill()));
  });

  it.each(['it listens on http://here:1', 'The library is open at http://here:1'])(
    'serves when it says "%s"',
    async (line) => {
      const serving = start(`console.log('first'); console.log('${line}'); ${FOREVER}`);

      expect(await serving.listens()).toBe('http://here:1');
      expect(serving.runs).toBe(true);
    },
  );

  it('is asked to stop, and ends with a code of its own', async () => {
    const serving = start(
      `process.on('SIGTERM', () => process.exit(3)); console.log('listens on http://here:1'); ${FOREVER}`,
    );
    await serving.listens();

    expect(await serving.stop()).toEqual({ code: 3, signal: null });
    expect(await serving.stop()).toEqual({ code: 3, signal: null });
    expect(serving.runs).toBe(false);
  });

  it('fails with what it said when it ends before', async () => {
    await expect(start(`console.error('no disk'); process.exit(7)`).listens()).rejects.toThrow(
      'it ended with code 7 before it served. It said:\nno disk',
    );
  });

  it('does not run any more when it took too long', async () => {
    const serving = start(FOREVER);

    await expect(serving.listens(1)).rejects.toThrow('it did not serve after 0.001 s.');
    expect(await serving.ended).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('fails with why it cannot be started', async () => {
    const missing = ServingProcess.start('it', '/there/is/nothing', []);

    await expect(missing.listens()).rejects.toThrow(/It said:\nspawn \/there\/is\/nothing ENOENT$/);
    expect(await missing.stop()).toMatchObject({ signal: null });
  });

  it('tells what it writes to stderr, line by line, and only that', async () => {
    const log = jest.fn();
    const program = `console.error('one\\ntwo'); console.log('listens on http://here:1'); ${FOREVER}`;
    const serving = ServingProcess.start('it', process.execPath, ['-e', program], { log });
    started.push(serving);
    await serving.listens();
    await serving.until(() => (log.mock.calls.length === 2 ? true : undefined));

    expect(log.mock.calls).toEqual([['one'], ['two']]);
  });
});
