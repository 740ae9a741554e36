import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { BadEnvironment, readEnvironment } from '@library/shared-kernel/service/environment';
import { bytes } from '../display';
import { bad, ok, warn, type Finding } from './finding';

const SCARCE_BYTES = 1_000_000_000;
const TOO_FEW_BYTES = 100_000_000;
const SLOW_FSYNC_MS = 20;
const FSYNCS = 15;

/** As `engines` in package.json says. */
export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const runs = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24;
  return runs ? ok('Node.js', version) : bad('Node.js', version, 'Install 20.19, 22.12, 24 or newer.');
}

export function environmentFinding(variables: Readonly<Record<string, string | undefined>>): Finding {
  try {
    readEnvironment(variables);
    return ok('environment', 'Every variable can be used.');
  } catch (error) {
    if (!(error instanceof BadEnvironment)) throw error;
    return bad('environment', error.message.replaceAll('\n', ' '), '`library env` lists what can be set.');
  }
}

export function diskFinding(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const says = `${bytes(free)} are free.`;
  if (free < TOO_FEW_BYTES) return bad('disk space', says, 'Free some space: on a full disk nothing is stored.');
  return free < SCARCE_BYTES ? warn('disk space', says, 'Free some space soon.') : ok('disk space', says);
}

/** Every answer that promises something waits for one of these. */
export function fsyncFinding(folder: string): Finding {
  const ms = fsyncMs(folder);
  const says = `A commit waits ${ms.toFixed(2)} ms for this disk.`;
  return ms > SLOW_FSYNC_MS
    ? warn('disk speed', says, 'Rents will be slow. Put DATA_DIR on a faster disk.')
    : ok('disk speed', says);
}

/** The median. */
function fsyncMs(folder: string): number {
  const path = join(folder, `.doctor-${process.pid}`);
  const file = openSync(path, 'w');
  try {
    const times = Array.from({ length: FSYNCS }, () => {
      writeSync(file, Buffer.alloc(4_096));
      const began = performance.now();
      fsyncSync(file);
      return performance.now() - began;
    });
    return times.toSorted((one, other) => one - other)[Math.floor(FSYNCS / 2)]!;
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
}
