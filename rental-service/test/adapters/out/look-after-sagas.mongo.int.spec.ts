import { memberId, sagaId } from '@library/shared-kernel/domain/identifiers';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { Databases, describeWithMongo } from '@library/shared-kernel/testing/mongo-databases';
import { TestClock } from '@library/shared-kernel/testing/test-clock';
import { Calendar } from '@library/shared-kernel/time/calendar';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { LookAfterSagas } from '../../../src/application/look-after-sagas';
import { Orchestrator } from '../../../src/application/orchestrator';
import type { RentalCards } from '../../../src/application/ports';
import { RentItem } from '../../../src/application/rent-item';
import { rentalKind } from '../../../src/application/rental-kind';
import { AT, book, request } from '../../application/rental-desk';

const MEMBERS = Array.from({ length: 20 }, (_, at) => ({ id: memberId(`member-${at}`), name: 'm' }));
const highestFirst = (one: number, other: number) => other - one;
const hearing = { heard: true, behindMs: 0, listen: async () => {} };

describeWithMongo('Looking after sagas, on MongoDB', (url) => {
  it('J4: counts once for each of them, when three processes look at the same moment, and lend more meanwhile', async () => {
    const databases = new Databases(url);
    const clock = new TestClock(AT);
    const orchestrator = new Orchestrator(clock, DEFAULT_TIMING, hearing);
    const open = () => databases.open({ clock: new SystemClock() });
    const first = open();
    const cards = first.records(rentalKind);
    await first.start();
    const rent = (own: RentalCards, member: (typeof MEMBERS)[number], no: number) => {
      const ids = { next: () => sagaId(`${member.id}-${no}`) };
      const use = new RentItem(own, orchestrator, ids, new Calendar('Asia/Seoul'), clock);
      return use.execute(member, book(no), request());
    };
    for (const member of MEMBERS) {
      await rent(cards, member, 1);
      await cards.change(member.id, [], (record) => record.published(record.outbox.waiting));
    }
    await clock.advance(2_000);

    const others = [open().records(rentalKind), open().records(rentalKind)];
    const processes = [cards, ...others];
    await Promise.all(
      processes.flatMap((own, at) => [
        new LookAfterSagas(own, orchestrator, hearing, clock, DEFAULT_TIMING).execute(),
        ...MEMBERS.map((member) => rent(own, member, 2 + at)),
      ]),
    );

    const records = await Promise.all(MEMBERS.map(({ id }) => cards.read(id)));
    const resent = records.map((record) => record?.inFlight.map((saga) => saga.resent).toSorted(highestFirst));
    expect(resent).toEqual(MEMBERS.map(() => [1, 0, 0, 0]));
    expect(records.map((record) => record?.outbox.waiting.length)).toEqual(MEMBERS.map(() => 4));
    await databases.remove();
  });
});
