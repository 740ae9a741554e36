import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DEFAULT_TIMING, type SagaTiming } from '@library/shared-kernel/saga/timing';
import type { Logger } from '@library/shared-kernel/service/logger';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { Library } from '../library';
import { serve, type Serving } from '../serving';
import { verifyFolder, verifyLibrary } from '../verify/verify';
import type { VerifyReport } from '../verify/report';
import { Desk } from './desk';
import { StoryBrokeOff, type StoryLine, type Tell } from './story';
import { UnrulyLog } from './unruly-log';

export const ZONE = 'Asia/Seoul';

/** Asks again at once, so that nobody has to wait for what was lost; and gives up as late as ever. */
const EAGER: SagaTiming = {
  ...DEFAULT_TIMING,
  resendAfterMs: [100, 200, 400, 800, 1_600, 3_200],
  insistAfterMs: 100,
  graceMs: 800,
};

/** And two minutes take three seconds, so that nobody has to wait for silence. */
export const HURRIED: SagaTiming = {
  ...EAGER,
  resendAfterMs: [100, 200, 400, 800],
  expiresAfterMs: 3_000,
  longestWaitMs: 3_000,
  attentionAfterMs: 3_000,
};

const LOOK_AGAIN_MS = 20;
const PATIENCE_MS = 15_000;

const SILENT: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface Open {
  readonly library: Library;
  readonly serving: Serving;
  readonly log: UnrulyLog;
}

/** A private library for one story: a folder that is thrown away, a clock and a log that do as the story says, and a desk. */
export class Stage {
  readonly clock = new SystemClock();
  readonly desk: Desk;
  private folderInUse = mkdtempSync(join(tmpdir(), 'library-story-'));
  private readonly thrownAway = new Set([this.folderInUse]);
  private readonly endings: (() => Promise<unknown>)[] = [];
  private open: Open | undefined;
  private allHolds = true;

  constructor(
    private readonly tellLine: Tell,
    private readonly timing: SagaTiming = EAGER,
  ) {
    this.desk = new Desk(() => `http://127.0.0.1:${this.opened.serving.ports['library']}`);
  }

  get folder(): string {
    return this.folderInUse;
  }

  get library(): Library {
    return this.opened.library;
  }

  /** The log between the services, for the story to break. */
  get log(): UnrulyLog {
    return this.opened.log;
  }

  /** Whether everything that was expected so far is so. */
  get ok(): boolean {
    return this.allHolds;
  }

  async start(): Promise<void> {
    let log: UnrulyLog | undefined;
    const library = await Library.open({
      folder: this.folderInUse,
      zone: ZONE,
      clock: this.clock,
      timing: this.timing,
      logger: SILENT,
      between: (inner) => (log = new UnrulyLog(inner)),
    });
    await library.start();
    this.open = { library, log: log!, serving: await serve(library, { host: '127.0.0.1', port: 0 }) };
  }

  /** Stops as a polite signal does. What is in flight goes on at the next start. */
  async stop(): Promise<void> {
    const { open } = this;
    this.open = undefined;
    if (!open) return;
    // Rules stay in force; but what waits for the log to come back would keep the services from stopping.
    open.log.hangUp();
    await open.serving.stop(1_000);
    await open.library.stop();
  }

  /** Goes on in another folder, which is thrown away with the stage. */
  moveTo(folder: string): void {
    this.folderInUse = folder;
    this.thrownAway.add(folder);
  }

  /** A folder that does not exist yet, and is thrown away with the stage. */
  spareFolder(name: string): string {
    const folder = `${this.folderInUse}-${name}`;
    this.thrownAway.add(folder);
    return folder;
  }

  scene(text: string): void {
    this.tell('scene', text);
  }

  asked(text: string): void {
    this.tell('asked', text);
  }

  broke(text: string): void {
    this.tell('broke', text);
  }

  happened(text: string): void {
    this.tell('happened', text);
  }

  undone(text: string): void {
    this.tell('undone', text);
  }

  /** What must be so at this point of the story. */
  expect(text: string, isSo: boolean): void {
    this.allHolds &&= isSo;
    this.tell(isSo ? 'holds' : 'fails', text);
  }

  /** Waits until it is so. Throws StoryBrokeOff when that takes too long. */
  async until(text: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const latest = Date.now() + PATIENCE_MS;
    while (!(await isSo())) {
      if (Date.now() > latest)
        throw new StoryBrokeOff(`It did not come about within ${PATIENCE_MS / 1_000} s that ${text}.`);
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** How many different messages a topic has, however often each was sent. */
  async messagesIn(topic: string): Promise<number> {
    const { log } = this.library;
    const ends = await log.ends(topic);
    const messages = await Promise.all(ends.map((end, partition) => log.read(topic, partition, 0, end)));
    return new Set(messages.flat().map(({ headers }) => headers['ce_id'])).size;
  }

  /** Waits until no saga is in flight and every message was handled. */
  async quiet(): Promise<void> {
    const { library, log } = this.opened;
    await this.until('nothing was in flight any more', async () => {
      await log.calm();
      const handled = this.groups().every((group) =>
        library.log.offsets(group).every(({ offset, end }) => offset === end),
      );
      return handled && (await this.desk.inFlight()) === 0;
    });
  }

  /** Has every group, or one of them, read again whatever it has ever read. */
  async replay(only?: string): Promise<void> {
    const { log } = this.library;
    for (const group of this.groups()) {
      if (only !== undefined && group !== only) continue;
      const topics = new Set(log.offsets(group).map(({ topic }) => topic));
      for (const topic of topics) await log.resetOffsets(group, topic, 'earliest');
    }
  }

  /** What the invariants say while everything runs. */
  async verifyNow(): Promise<VerifyReport> {
    return verifyLibrary(this.library);
  }

  /** What the invariants say of the folder when everything has stopped. */
  async verifyAtRest(): Promise<VerifyReport> {
    await this.stop();
    return verifyFolder(this.folderInUse, ZONE, this.timing);
  }

  /** Something that the story has begun outside of this library, and that must not outlive it. */
  endAfterwards(end: () => Promise<unknown>): void {
    this.endings.push(end);
  }

  /** Stops whatever still runs, and removes every trace. */
  async throwAway(): Promise<void> {
    try {
      for (const end of this.endings) await end();
      await this.stop();
    } finally {
      for (const folder of this.thrownAway) rmSync(folder, { recursive: true, force: true });
    }
  }

  /** The consumer groups that somebody still reads for: a ranking that was counted anew leaves its old one behind. */
  private groups(): readonly string[] {
    const newest = new Map<string, string>();
    for (const group of this.library.log.groups()) {
      const [, name = group, generation = '1'] = /^(.*)\.(\d+)$/.exec(group) ?? [];
      const known = newest.get(name);
      if (known === undefined || Number(known.split('.')[1] ?? 1) < Number(generation)) newest.set(name, group);
    }
    return [...newest.values()];
  }

  private tell(part: StoryLine['part'], text: string): void {
    this.tellLine({ part, text });
  }

  private get opened(): Open {
    if (!this.open) throw new Error('The library of this story is not open.');
    return this.open;
  }
}
