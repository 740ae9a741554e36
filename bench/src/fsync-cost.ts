import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './percentile';

const WRITES = 400;

/** Median milliseconds that one write of 4 kB and its fdatasync take in this folder: what full durability costs here. */
export function fsyncCostMs(parent: string): number {
  const folder = mkdtempSync(join(parent, 'fsync-'));
  const file = openSync(join(folder, 'probe'), 'w');
  const page = Buffer.alloc(4_096, 7);
  try {
    const costs = Array.from({ length: WRITES }, () => {
      const begun = performance.now();
      writeSync(file, page);
      fdatasyncSync(file);
      return performance.now() - begun;
    });
    return median(costs);
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
}
