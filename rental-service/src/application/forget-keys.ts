import { idempotencyKey } from '@library/shared-kernel/domain/identifiers';
import type { Clock } from '@library/shared-kernel/time/clock';
import type { RentalCards } from './ports';

const CARDS_AT_ONCE = 100;

/** Forgets the answers that were kept for their time. */
export class ForgetKeys {
  constructor(
    private readonly cards: RentalCards,
    private readonly clock: Clock,
  ) {}

  async execute(): Promise<void> {
    const expired = await this.cards.findExpiredEntries(this.clock.now(), CARDS_AT_ONCE);
    await Promise.all(
      expired.map(({ id, keys }) => this.cards.change(id, keys, (record) => keys.forEach((key) => record.forget(idempotencyKey(key))))),
    );
  }
}
