import { cpus, totalmem } from 'node:os';
import { fsyncCostMs } from './fsync-cost';

/** What every figure of a run depends on, and the same `said` in a sentence. `folder` is on the disk that is measured. */
export function machineOf(folder: string) {
  const fsyncMs = fsyncCostMs(folder);
  const [cpu] = cpus();
  const machine = {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  const said = `${machine.cores} × ${machine.cpu}, Node ${machine.node}; one write of 4 kB made durable takes ${fsyncMs.toFixed(3)} ms here`;
  return { machine, fsyncMs, said };
}
