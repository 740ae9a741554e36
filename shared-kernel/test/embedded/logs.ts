import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { EmbeddedMessageLog, type EmbeddedLogSettings } from '../../src/embedded/message-log.embedded';
import { EmbeddedParking } from '../../src/embedded/parking.embedded';
import type { LogMessage, Publication } from '../../src/messaging/message-log';
import { SystemClock } from '../../src/time/system-clock';

export interface OpenLog {
  readonly path: string;
  readonly log: EmbeddedMessageLog;
  readonly parking: EmbeddedParking;
}

/** Knows how many wait to be woken. */
export class CountingClock extends SystemClock {
  waiting = 0;

  override after(ms: number, wake: () => void): () => void {
    this.waiting++;
    let waits = true;
    const settle = () => {
      if (waits) this.waiting--;
      waits = false;
    };
    const cancel = super.after(ms, () => {
      settle();
      wake();
    });
    return () => {
      settle();
      cancel();
    };
  }
}

/** A promise that somebody else settles. */
export class Gate {
  private settle: (() => void) | undefined;
  readonly opened = new Promise<void>((resolve) => (this.settle = resolve));

  open(): void {
    this.settle?.();
  }
}

export const publication = (topic: string, text: string, more: Partial<Publication> = {}): Publication => ({
  topic,
  key: 'jenny',
  value: Buffer.from(text),
  headers: {},
  time: Date.now(),
  ...more,
});

export const textOf = ({ value }: Pick<LogMessage, 'value'>) => Buffer.from(value ?? []).toString();

export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain: ${what}`);
    await pause(2);
  }
}

/** Embedded logs in a folder of their own: one process's after the other's. */
export class Logs {
  private readonly folder = mkdtempSync(join(tmpdir(), 'message-log-'));
  private readonly opened: OpenLog[] = [];
  readonly failures: unknown[] = [];
  private copies = 0;

  open(settings: Partial<EmbeddedLogSettings> = {}, path = join(this.folder, 'log.db')): OpenLog {
    const clock = settings.clock ?? new SystemClock();
    const log: EmbeddedMessageLog = EmbeddedMessageLog.open(path, {
      clock,
      random: () => 0,
      onFailure: (error) => void this.failures.push(error),
      onCrashLoop: async (group, message) =>
        new EmbeddedParking(log).park(group, message, 'crash-loop', 'Every start died of it.', clock.now()),
      ...settings,
    });
    const open = { path, log, parking: new EmbeddedParking(log) };
    this.opened.push(open);
    return open;
  }

  /**
   * What the disk holds at this moment, as it would be found after a crash. In a folder of its own, because the journal
   * knows the file by its name.
   */
  crashCopy({ path }: OpenLog): string {
    const folder = join(this.folder, `crash-${this.copies++}`);
    mkdirSync(folder);
    for (const suffix of ['', '-wal', '.journal.1', '.journal.2']) {
      if (existsSync(path + suffix)) cpSync(path + suffix, join(folder, basename(path) + suffix));
    }
    return join(folder, basename(path));
  }

  async remove(): Promise<void> {
    await Promise.allSettled(this.opened.map(async ({ log }) => log.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
