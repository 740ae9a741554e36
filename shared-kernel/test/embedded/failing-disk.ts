import fs from 'node:fs';
import { contentsOf, JournalSegment, type FoundFrame } from '../../src/embedded/journal-segment';
import type { JournaledFile } from '../../src/embedded/journaled-file';
import { SqlFile } from '../../src/embedded/sql-file';
import { storageFault, type StorageFault } from '../../src/embedded/storage-fault';
import { Gate } from './logs';

/** What SQLite's or the system's code means. */
export const faultOf = (code: string): StorageFault => storageFault({ code }, 'the-file')!;

/** The disk fails when it is told to keep what was written to a journal, the next time. */
export const failNextSync = () =>
  jest.spyOn(fs, 'fdatasync').mockImplementationOnce((_descriptor, done) => {
    setImmediate(() => done(Object.assign(new Error('The disk fails.'), { code: 'EIO' })));
  });

/** No journal has room any more; answers what makes room again. */
export function fillDisk(): () => void {
  const full = jest.spyOn(JournalSegment.prototype, 'makeRoom').mockReturnValue(faultOf('ENOSPC'));
  return () => full.mockRestore();
}

/** What is applied next does not come into the SQL. */
export const failNextApplication = (code: string) =>
  jest.spyOn(SqlFile.prototype, 'commit').mockImplementationOnce(async function (this: SqlFile) {
    this.rollBack();
    throw faultOf(code);
  });

/** What is applied next comes into the SQL when the answer is called, and not before. */
export function holdNextApplication(): () => void {
  const held = new Gate();
  jest.spyOn(SqlFile.prototype, 'commit').mockImplementationOnce(async function (this: SqlFile) {
    await held.opened;
    // Once only: this is the file's own again.
    return this.commit();
  });
  return () => held.open();
}

/** What can be read of a journal's segment. */
export function framesOf(segment: string): readonly FoundFrame[] {
  const contents = contentsOf(segment);
  return typeof contents === 'object' ? contents.frames : [];
}

/** The next time that something is applied to this file, it fails like this. */
export function failNextOf({ direct, path }: Pick<JournaledFile, 'direct' | 'path'>, code: string): StorageFault {
  const fault = storageFault({ code }, path)!;
  jest.spyOn(direct, 'commit').mockImplementationOnce(async () => {
    direct.rollBack();
    throw fault;
  });
  return fault;
}

/** Has everybody who waits for the journal wait until it is told to go on. */
export function holdDisk(): Gate {
  const gate = new Gate();
  const sync = fs.fdatasync;
  jest
    .spyOn(fs, 'fdatasync')
    .mockImplementation((descriptor, done) => void gate.opened.then(() => sync(descriptor, done)));
  return gate;
}

/** Where the frames of a journal's segment end, one after the other; before them, where the first begins. */
export function frameEndsOf(segment: string): [number, ...number[]] {
  const frames = framesOf(segment);
  const ends: [number, ...number[]] = [frames[0] ? fs.readFileSync(segment).indexOf(frames[0].bytes) : 0];
  for (const { bytes } of frames) ends.push(ends.at(-1)! + bytes.length);
  return ends;
}
