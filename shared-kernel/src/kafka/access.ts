import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../store/fault';
import { Connection } from './connection';
import { inTime } from './in-time';
import { REQUEST_TIMEOUT_MS } from './settings';
import type { KafkaSettings } from './settings';
import { asFault, isPassing, isUnreachable, unreachable } from './trouble';

/** Before each further attempt. Whoever asks should hear soon that it is in vain, and tries again by itself. */
const PAUSES_MS = [20, 200, 500];

/** Whether the brokers answered when they were last asked: shared by all who ask. */
export interface Reach {
  reached: boolean;
}

/**
 * One connection, opened when it is needed and given up when it fails, whatever it failed of: what kafkajs knows of the
 * brokers is then learnt anew.
 */
export class Access {
  private opening: Promise<Connection> | undefined;
  private closed = false;

  constructor(
    private readonly settings: KafkaSettings,
    private readonly reach: Reach,
  ) {}

  /** Rejects with a Fault when the world failed, in a few seconds at the latest. `work` must not mind being done again. */
  async use<Answer>(work: (connection: Connection) => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await this.insist(work);
      this.reach.reached = true;
      return answer;
    } catch (error) {
      this.reach.reached = !isUnreachable(error);
      throw asFault(error);
    }
  }

  /** Gives up the connection, and opens no other. */
  close(): void {
    this.closed = true;
    this.drop();
  }

  private async insist<Answer>(work: (connection: Connection) => Promise<Answer>): Promise<Answer> {
    for (const pauseMs of PAUSES_MS) {
      try {
        return await this.attempt(work);
      } catch (error) {
        if (error instanceof Fault || !isPassing(error)) throw error;
        // Trap: a timer of the clock keeps no process alive, and here there is no connection that does.
        await pause(pauseMs);
      }
    }
    return this.attempt(work);
  }

  private async attempt<Answer>(work: (connection: Connection) => Promise<Answer>): Promise<Answer> {
    if (this.closed) throw unreachable('The message log is closed.');
    const opening = (this.opening ??= Connection.open(this.settings));
    const { clock, requestTimeoutMs = REQUEST_TIMEOUT_MS } = this.settings;
    try {
      return await inTime(clock, requestTimeoutMs, opening.then(work), () => {
        throw unreachable('The brokers take too long to answer.');
      });
    } catch (error) {
      if (this.opening === opening) this.drop();
      throw error;
    }
  }

  private drop(): void {
    const { opening } = this;
    this.opening = undefined;
    opening?.then(
      (connection) => connection.end(),
      () => undefined,
    );
  }
}
