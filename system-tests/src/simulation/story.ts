import { createHash } from 'node:crypto';
import type { VirtualTime } from './world/virtual-time';

/** All that has happened, a line each, in order: the same for the same seed, to the byte. */
export class Story {
  private readonly lines: string[] = [];

  constructor(private readonly time: VirtualTime) {}

  readonly tell = (line: string): void => {
    this.lines.push(`${(this.time.elapsed / 1_000).toFixed(3).padStart(9)} ${line}`);
  };

  get text(): string {
    return this.lines.join('\n');
  }

  get digest(): string {
    return createHash('sha256').update(this.text).digest('hex').slice(0, 16);
  }
}
