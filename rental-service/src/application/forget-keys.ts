import { idempotencyKey } from '@library/shared-kernel/domain/identifiers';
import { forgetExpired } from '@library/shared-kernel/store/forget-expired';
import type { Clock } from '@library/shared-kernel/time/clock';
import type { RentalCards } from './ports';
import type { RentalRecord } from './rental-record';

/** Forgets the answers that were kept for their time. */
export class ForgetKeys {
  constructor(
    private readonly cards: RentalCards,
    private readonly clock: Clock,
  ) {}

  async execute(): Promise<void> {
    const now = this.clock.now();
    await forgetExpired(this.cards, now, (record, keys) => forget(record, keys, now));
  }
}

/** One that was kept anew since it was found stays. */
function forget(record: RentalRecord, keys: readonly string[], now: number): void {
  for (const key of keys) if (record.entries.expired(key, now)) record.forget(idempotencyKey(key));
}
