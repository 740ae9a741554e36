import { readFileSync } from 'node:fs';

/** The kernel counts CPU in ticks, so many a second. */
const TICKS = 100;

/** CPU seconds that a process has used, for itself and in the kernel; undefined where the system does not tell. */
export function cpuSecondsOf(pid: number): number | undefined {
  // The name of the process may hold anything, and ends with the last bracket.
  const fields = told(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');
  return fields && (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Resident memory in megabytes; undefined where the system does not tell. */
export function memoryMbOf(pid: number): number | undefined {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(told(`/proc/${pid}/status`) ?? '') ?? [];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

function told(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
