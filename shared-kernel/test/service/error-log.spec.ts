import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorLog } from '../../src/service/error-log';

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('the log for operators', () => {
  it('is a line of JSON for each thing that is told', () => {
    const folder = mkdtempSync(join(tmpdir(), 'error-log-'));
    const file = openSync(join(folder, 'log'), 'w');

    errorLog({ level: 'warn', base: { service: 'book-service' } }, file).warn({ saga: 's-1' }, 'It is late.');

    closeSync(file);
    expect(JSON.parse(readFileSync(join(folder, 'log'), 'utf8'))).toMatchObject({
      service: 'book-service',
      saga: 's-1',
      msg: 'It is late.',
    });
    rmSync(folder, { recursive: true });
  });

  it('keeps nobody from working when its disk is full [N3]', async () => {
    const uncaught: unknown[] = [];
    const noticed = (error: unknown) => void uncaught.push(error);
    process.once('uncaughtException', noticed);
    const full = openSync('/dev/full', 'w');
    const log = errorLog({ level: 'warn' }, full);

    for (let line = 0; line < 100; line++) log.warn({ line }, 'Nobody will read this.');
    await settled();

    process.off('uncaughtException', noticed);
    expect(uncaught).toEqual([]);
    closeSync(full);
  });
});
