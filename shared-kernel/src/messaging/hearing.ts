import { Fault } from '../store/fault';
import type { Clock } from '../time/clock';
import type { MessageLog } from './message-log';

/** Answers older than this that still wait to be read mean that we are behind. */
const BEHIND_MS = 1_000;
/** No busy process takes so long from one look to the next. */
const ASLEEP_MS = 5_000;

/**
 * Whether an answer could have reached us. Silence proves nothing while the log is out of reach or our own reading lags,
 * nor for a while after.
 */
export class Hearing {
  private deafAt: number;
  private listenedAt: number;
  private waitedMs = 0;

  constructor(
    private readonly log: MessageLog,
    private readonly group: string,
    private readonly topics: readonly string[],
    private readonly clock: Clock,
    private readonly graceMs: number,
  ) {
    this.deafAt = clock.now();
    this.listenedAt = this.deafAt;
  }

  /**
   * Looks whether we can hear now; silence is judged by what was found at the last look. Who has not listened for longer
   * than the grace (a process that slept, a clock that was moved) has not heard meanwhile.
   */
  async listen(): Promise<void> {
    const slept = Math.abs(this.clock.now() - this.listenedAt) > Math.max(this.graceMs, ASLEEP_MS);
    const hears = await this.hears();
    this.listenedAt = this.clock.now();
    if (slept || !hears) this.deafAt = this.listenedAt;
  }

  /** True when we have heard without a break for as long as the grace lasts. */
  get heard(): boolean {
    return this.clock.now() - this.deafAt >= this.graceMs;
  }

  /** For how long the oldest answer had waited to be read at the last look, as far as that could be seen; in milliseconds. */
  get behindMs(): number {
    return this.waitedMs;
  }

  private async hears(): Promise<boolean> {
    try {
      // Always asked, because asking may be all that finds out that the log can be reached again.
      const { oldestMs } = await this.log.backlog(this.group, this.topics);
      this.waitedMs = this.log.reachable ? oldestMs : 0;
      return this.log.reachable && oldestMs < BEHIND_MS;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.waitedMs = 0;
      return false;
    }
  }
}
