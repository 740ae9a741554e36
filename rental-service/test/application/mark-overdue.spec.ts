import { memberId } from '@library/shared-kernel/domain/identifiers';
import { Calendar } from '@library/shared-kernel/time/calendar';
import { MarkOverdue } from '../../src/application/mark-overdue';
import type { CardLists } from '../../src/application/ports';
import { RentalDesk } from './rental-desk';

const FIFTEEN_DAYS_MS = 15 * 86_400_000;

describe('Marking what is overdue', () => {
  it('marks on every other card when one fails, however many there are, and tells of it [B9]', async () => {
    const desk = new RentalDesk();
    const members = Array.from({ length: 150 }, (_, n) => ({ id: memberId(`member-${100 + n}`), name: 'm' }));
    for (const member of members) await desk.rented(1, member);
    await desk.clock.advance(FIFTEEN_DAYS_MS);
    const bug = new TypeError('A bug of ours.');
    desk.store.faults = { beforeCommit: (id) => (id === members[0]!.id ? Promise.reject(bug) : undefined) };
    const findLate: CardLists['findLate'] = async (_today, { limit, after = '' }) =>
      members
        .map(({ id }) => id)
        .filter((id) => id > after)
        .slice(0, limit);
    const lists = { findLate } as CardLists;

    await expect(new MarkOverdue(desk.cards, lists, new Calendar('Asia/Seoul'), desk.clock).execute()).rejects.toBe(
      bug,
    );
    const cards = await Promise.all(members.map(({ id }) => desk.cards.read(id)));
    expect(cards.filter((record) => record?.card?.counts.overdue === 1).length).toBe(149);
  });
});
