import type { LogMessage, MessageLog } from '@library/shared-kernel/messaging/message-log';
import { Fault } from '@library/shared-kernel/store/fault';
import { UnrulyLog } from '@library/standalone/scenarios/unruly-log';
import { Desk } from '../desk';
import { HURRIED, LibraryUnderTest } from '../library-under-test';
import { eventually } from '../over-http';
import { messagesOf } from '../topics';

/** Asks again soon, and gives up late enough for a busy machine. */
const TIMING = { ...HURRIED, expiresAfterMs: 15_000, longestWaitMs: 15_000 };
const A_WHILE = 15_000;

/** The first batches that this group gets are too much for it. */
const overcharged =
  (group: string, batches: number) =>
  (log: MessageLog): UnrulyLog => {
    let left = batches;
    return new UnrulyLog({
      publish: (messages) => log.publish(messages),
      consume: (settings, handle) =>
        log.consume(settings, async (batch) => {
          if (settings.group === group && left-- > 0) throw new Fault('overcharged', 'Not now.');
          return handle(batch);
        }),
      read: (...asked) => log.read(...asked),
      ends: (topic) => log.ends(topic),
      backlog: (...asked) => log.backlog(...asked),
      reachable: true,
    });
  };

/** One participant fails for a while, for ever, or hears only half of it. */
describe('a mishap', () => {
  let library: LibraryUnderTest;
  let desk: Desk;
  let log: UnrulyLog;

  async function open(between: (log: MessageLog) => UnrulyLog = (plain) => new UnrulyLog(plain)): Promise<void> {
    library = await LibraryUnderTest.start({ timing: TIMING, between: (plain) => (log = between(plain)) });
    desk = new Desk(library);
    await desk.registerBooks(3);
    await desk.registerMembers('jenny', 'scott');
  }
  afterEach(async () => {
    log.hangUp();
    await library.stop();
  });

  const saga = async () => (await desk.sagas('&member=jenny'))[0];

  it('of a participant that fails three times costs nothing, and its part is done once [B1]', async () => {
    await open(overcharged('member-service', 3));

    expect((await desk.rent('jenny', 1)).status).toBe(201);
    expect(await desk.points('jenny')).toBe(10);
    await desk.expectSound();
  });

  it('of one that never undoes its part calls a person, and holds up nobody else [B8 G16]', async () => {
    await open();
    const unheard = log.add({ to: 'bestbook-service', topic: 'rental_rent_cancel', becomes: 'lost' });
    await library.put('/books/1/withdrawal');
    await desk.rent('jenny', 1, {});

    await eventually(
      async () => expect(await saga()).toMatchObject({ status: 'COMPENSATING', attention: expect.anything() }),
      A_WHILE,
    );
    expect((await desk.rent('jenny', 2)).status).toBe(201);
    expect((await desk.rent('scott', 3)).status).toBe(201);
    expect(unheard.met).toBeGreaterThan(1);
    log.behave();

    await eventually(async () => expect(await desk.sagas('&status=COMPENSATING')).toEqual([]), A_WHILE);
    expect((await desk.card('jenny')).items).toMatchObject([{ no: 2 }]);
    await desk.expectSound();
  });

  it('of one that skipped what was said to it: it is told again, and does it once [H8 H9]', async () => {
    await open();
    const skipped = log.add({ to: 'book-service', becomes: 'lost', first: 2 });

    const answers = await Promise.all([desk.rent('jenny', 1), desk.rent('scott', 2)]);

    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(skipped.met).toBe(2);
    expect([(await desk.book(1)).holder.id, (await desk.book(2)).holder.id]).toEqual(['jenny', 'scott']);
    await desk.expectSound();
  });

  it('of a forged answer, in the name of another member, does not concern the saga [Q4]', async () => {
    await open();
    log.add({ to: 'member-service', becomes: 'held' });
    await desk.rent('jenny', 1, {});
    const answerOfBook = async () => (await messagesOf(library.log, 'rental_result'))[0]!;
    await eventually(async () => expect(await answerOfBook()).toBeDefined());

    await library.log.publish([forged(await answerOfBook())]);
    await eventually(async () => expect((await log.backlog('rental-service', ['rental_result'])).messages).toBe(0));

    const [running] = await desk.sagas('&member=jenny');
    expect((await library.get(`/sagas/${running!.id}`)).body).toMatchObject({
      status: 'RUNNING',
      steps: expect.arrayContaining([{ participant: 'member', state: 'awaited' }]),
    });
    log.behave();
    await log.letGo();
    await eventually(async () => expect(await saga()).toMatchObject({ status: 'COMPLETED' }), A_WHILE);
    await desk.expectSound();
  });
});

/** As if the member service had said of scott what is still to be said of jenny. */
function forged(answer: LogMessage) {
  const { ce_sagaid: id } = answer.headers;
  const body = { ...JSON.parse(Buffer.from(answer.value!).toString()), idName: { id: 'scott', name: 'scott' } };
  const headers = {
    ...answer.headers,
    ce_id: `${id}:member:do:ok`,
    ce_subject: 'scott',
    ce_source: '/member-service',
    ce_participant: 'member',
  };
  return { ...answer, key: 'scott', value: Buffer.from(JSON.stringify(body)), headers };
}
