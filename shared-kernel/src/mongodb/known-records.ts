import type { StoredRecord } from './record-document';

/** Some kilobytes each; one that is not known costs a question more. */
const MOST = 10_000;

/**
 * Records as this process has written them last. What is written may rest on what is known here, because each write is
 * conditional on the version: when another process has changed the record meanwhile, nothing is stored, and it is read anew.
 */
export class KnownRecords {
  /** The one that was written last is the last. */
  private readonly byId = new Map<string, StoredRecord>();

  get(id: string): StoredRecord | undefined {
    return this.byId.get(id);
  }

  keep(id: string, stored: StoredRecord): void {
    this.byId.delete(id);
    this.byId.set(id, stored);
    if (this.byId.size <= MOST) return;
    for (const oldest of this.byId.keys()) {
      this.byId.delete(oldest);
      return;
    }
  }

  forget(id: string): void {
    this.byId.delete(id);
  }
}
