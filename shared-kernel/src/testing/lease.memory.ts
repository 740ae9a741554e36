import type { Leases } from '../store/lease';

/** What several processes' leases share. */
export class MemoryLeaseBoard {
  private readonly held = new Map<string, { readonly holder: Leases; readonly until: number }>();

  constructor(private readonly elapsed: () => number) {}

  /** A process's own view of it. */
  open(): Leases {
    const leases: Leases = {
      take: async (name, forMs) => {
        const now = this.elapsed();
        const held = this.held.get(name);
        if (held && held.holder !== leases && held.until > now) return false;
        this.held.set(name, { holder: leases, until: now + forMs });
        return true;
      },
      giveUp: async (name) => {
        if (this.held.get(name)?.holder === leases) this.held.delete(name);
      },
    };
    return leases;
  }
}
