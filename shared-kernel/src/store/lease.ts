/**
 * Of several processes one has the lease, for a while: so that not all of them do what one can do for all. It spares work.
 * Nothing that must be right rests on it, for whoever has it may be stopped for longer than it lasts, and go on as if it
 * had it. Every adapter passes `lease.contract`.
 */
export interface Leases {
  /**
   * True when this process has the lease `name` for `forMs` milliseconds from its call on, be it that it had it before. A
   * lease that its holder neither takes again nor gives up passes on some time after it has run out. The processes' clocks
   * may differ by any amount.
   */
  take(name: string, forMs: number): Promise<boolean>;
  /** Lets the next one have it at once; changes nothing for one that somebody else has. */
  giveUp(name: string): Promise<void>;
}
