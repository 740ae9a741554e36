import type { LogMessage, Publication } from '@library/shared-kernel/messaging/message-log';
import { Desk } from '../desk';
import { eventually } from '../over-http';
import type { Pliable, StartLibrary } from '../over-http';
import { allIsHeard, messagesOf } from '../topics';

const PARTICIPANTS = ['book-service', 'member-service', 'bestbook-service'];
const UNKNOWN_SAGA = '01936b2e-7c4d-7a10-8f3e-2b1c0d9e8f7a';

const bodyOf = ({ value }: Pick<LogMessage, 'value'>) => JSON.parse(Buffer.from(value!).toString());

/** What somebody else publishes: unreadable, changed, out of order, or before its time. */
export function specifyStrangers(start: StartLibrary): void {
  let library: Pliable;
  let desk: Desk;

  beforeEach(async () => {
    library = await start();
    desk = new Desk(library);
    await desk.registerBooks(2);
    await desk.registerMembers('jenny');
    expect((await desk.rent('jenny', 1)).status).toBe(201);
  });
  afterEach(() => library.stop());

  const parkedBy = async (service: string) => (await library.get(`/ops/parked?group=${service}`, service)).body.items;
  const announcement = async () => (await messagesOf(library.log, 'rental_rent'))[0]!;

  it('what nobody can read is parked by each who should have, and the member goes on', async () => {
    await library.log.publish([
      { topic: 'rental_rent', key: 'jenny', value: Buffer.from('{"idName":'), headers: {}, time: Date.now() },
    ]);

    expect((await desk.rent('jenny', 2)).status).toBe(201);
    for (const service of PARTICIPANTS) {
      await eventually(async () => {
        expect(await parkedBy(service)).toMatchObject([{ group: service, topic: 'rental_rent', state: 'parked' }]);
      });
    }
    await desk.expectSound();
  });

  it('what was changed on its way is parked as tampered, and has no effect', async () => {
    const original = await announcement();
    const changed = Buffer.from(JSON.stringify({ ...bodyOf(original), point: 1_000 }));
    await library.log.publish([{ ...original, value: changed }]);
    await allIsHeard(library.log);

    expect(await parkedBy('member-service')).toMatchObject([{ reason: 'tampered' }]);
    expect(await desk.points('jenny')).toBe(10);
    await desk.expectSound();
  });

  it('a cancel that comes before what it cancels leaves nothing of either [E3]', async () => {
    const original = await announcement();
    const { ce_id: id, ce_sagaid: saga } = original.headers;
    const asked: Publication = {
      ...original,
      value: Buffer.from(JSON.stringify({ ...bodyOf(original), item: { no: 2, title: '책 2' } })),
      headers: { ...original.headers, ce_id: id!.replace(saga!, UNKNOWN_SAGA), ce_sagaid: UNKNOWN_SAGA },
    };
    const cancel: Publication = {
      ...asked,
      topic: 'rental_rent_cancel',
      value: Buffer.from(JSON.stringify({ ...bodyOf(asked), reason: 'expired' })),
      headers: {
        ...asked.headers,
        ce_id: `${UNKNOWN_SAGA}:rent:undo`,
        ce_type: 'ItemRentCancelled',
        ce_announcedtime: asked.headers['ce_time']!,
      },
    };

    for (const message of [cancel, asked]) {
      await library.log.publish([message]);
      await allIsHeard(library.log);
    }

    // Whoever has heard may still have to publish what it answers.
    const answers = await eventually(async () => {
      const said = await messagesOf(library.log, 'rental_result');
      const toUnknown = said.filter(({ headers }) => headers['ce_sagaid'] === UNKNOWN_SAGA);
      expect(toUnknown).toHaveLength(2 * PARTICIPANTS.length);
      return toUnknown;
    });
    expect(answers.filter((answer) => bodyOf(answer).reason === 'withdrawn')).toHaveLength(PARTICIPANTS.length);
    expect(await desk.book(2)).toMatchObject({ status: 'AVAILABLE' });
    expect([await desk.points('jenny'), await desk.rentCount(2)]).toEqual([10, 0]);
    expect((await desk.rent('jenny', 2)).status).toBe(201);
  });
}
