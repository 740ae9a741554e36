import type { LogMessage } from './message-log';

/** Why a message could not be handled. */
export const PARK_REASONS = [
  'unreadable',
  'unsupported-version',
  'invalid-body',
  'missing-header',
  'tampered',
  'bug',
  'crash-loop',
  'rejected',
] as const;
export type ParkReason = (typeof PARK_REASONS)[number];

/** A message set aside so that its partition could go on: one per group and `ce_id`, with the number of times it came. */
export interface ParkedMessage {
  readonly id: string;
  readonly group: string;
  readonly message: LogMessage;
  readonly reason: ParkReason;
  /** One sentence for the operator. */
  readonly detail: string;
  readonly firstParkedAt: number;
  readonly lastParkedAt: number;
  /** How often it was parked. */
  readonly count: number;
  readonly state: 'parked' | 'released' | 'obsolete' | 'discarded';
  /** What people did about it, oldest first. */
  readonly notes: readonly ParkNote[];
}

export interface ParkNote {
  readonly at: number;
  readonly actor: string;
  readonly did: 'released' | 'failed-again' | 'obsolete' | 'discarded' | 'restored';
  readonly reason?: string;
}

/** Where messages lie that a group could not handle. Every adapter passes `parking.contract`. */
export interface Parking {
  /**
   * Stored when it resolves, as a change of a record is. A message that is parked already (same group and `ce_id`) only
   * counts once more.
   */
  park(group: string, message: LogMessage, reason: ParkReason, detail: string, at: number): Promise<void>;
  find(id: string): Promise<ParkedMessage | undefined>;
  /** Newest first. */
  list(filter: {
    readonly group?: string;
    readonly state?: ParkedMessage['state'];
    readonly limit: number;
    readonly before?: string;
  }): Promise<readonly ParkedMessage[]>;
  /** Resolves with the changed entry; undefined when there is none. */
  note(id: string, state: ParkedMessage['state'], note: ParkNote): Promise<ParkedMessage | undefined>;
}
