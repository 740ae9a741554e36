import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedMessageLog } from '@library/shared-kernel/embedded/message-log.embedded';
import { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import { DATA_FILES, type LibrarySettings } from '@library/standalone/library';
import { newFolder, OpenLibrary } from './open-library';

const damaged = (name: string) => (folder: string) =>
  writeFileSync(join(folder, name), 'This is no data file at all.'.repeat(100));
const sound = () => undefined;
const between = () => {
  throw new TypeError('A bug of ours.');
};

describe('A library that cannot be opened', () => {
  let folder: string;

  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each<[string, (folder: string) => void, Partial<LibrarySettings>, RegExp, number]>([
    ['its log', damaged(DATA_FILES.log), {}, /log\.db" is damaged/u, 0],
    ['a later file', damaged(DATA_FILES.bestbook), {}, /bestbook\.db" is damaged/u, 4],
    ['what is composed on its files', sound, { between }, /A bug of ours/u, 5],
    ['its zone', sound, { zone: 'Europe/Berlin' }, /LIBRARY_ZONE/u, 5],
  ])('because of %s closes what it opened, and lets go of its folder', async (_why, prepare, settings, says, files) => {
    await (await OpenLibrary.open({ folder })).stop();
    prepare(folder);
    const closings = [jest.spyOn(EmbeddedMessageLog.prototype, 'close'), jest.spyOn(ServiceFile.prototype, 'close')];
    await expect(OpenLibrary.open({ folder, ...settings })).rejects.toThrow(says);
    expect(closings.flatMap(({ mock }) => mock.calls).length).toBe(files);
    expect(existsSync(join(folder, 'lock.json'))).toBe(false);

    for (const name of Object.values(DATA_FILES)) rmSync(join(folder, name));
    await expect(OpenLibrary.open({ folder }).then((open) => open.stop())).resolves.toBeUndefined();
  });
});
