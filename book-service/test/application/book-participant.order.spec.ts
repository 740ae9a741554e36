import * as fc from 'fast-check';
import {
  itemRentCancelledContract,
  itemRentedContract,
  itemReturnCancelledContract,
  itemReturnConfirmedContract,
  itemReturnedContract,
} from '@library/shared-kernel/contracts/events';
import { bookNo, memberId, sagaId } from '@library/shared-kernel/domain/identifiers';
import { ParticipantTrial } from '@library/shared-kernel/testing/participant-trial';
import { bookKind } from '../../src/application/book-kind';
import { bookParticipant } from '../../src/application/book-participant';
import { Book } from '../../src/domain/book';

const item = { no: bookNo(1), title: '누구를 위하여 종을 울리나?' };
const particulars = {
  title: item.title,
  author: '한정헌',
  isbn: '1232141214',
  classification: 'LITERATURE',
  source: 'SUPPLY',
  location: 'JEONGJA',
} as const;
const [jenny, minsu] = ['jenny', 'minsu'].map((id) => ({ id: memberId(id), name: id }));

const asked = (idName = jenny!) => ({ idName, item, point: 10 });
const because = { reason: 'member-closed' };

type Trial = ParticipantTrial<ReturnType<typeof bookKind.open>>;
type Message = readonly [name: string, tell: (trial: Trial) => Promise<unknown>];

const rent = (name: string, who = jenny): Message => [
  `rent ${name}`,
  (trial) => trial.tell(itemRentedContract, sagaId(name), asked(who)),
];
const undoneRent = (name: string, who = jenny): Message => [
  `undo ${name}`,
  (trial) => trial.tell(itemRentCancelledContract, sagaId(name), { ...asked(who), ...because }),
];
const returned = (name: string, who = jenny): Message => [
  `return ${name}`,
  (trial) => trial.tell(itemReturnedContract, sagaId(name), asked(who)),
];
const undoneReturn = (name: string, who = jenny): Message => [
  `undo ${name}`,
  (trial) => trial.tell(itemReturnCancelledContract, sagaId(name), { ...asked(who), ...because }),
];
const confirmed = (name: string, who = jenny): Message => [
  `confirm ${name}`,
  (trial) => trial.tell(itemReturnConfirmedContract, sagaId(name), asked(who)),
];

/** What is left of a book on the shelf when it was told all this in that order. */
async function leftBy(messages: readonly Message[]) {
  const trial: Trial = new ParticipantTrial(bookKind, () => bookParticipant);
  await trial.change('1', [], (record) => {
    record.register(new Book({ no: item.no, particulars, status: 'AVAILABLE' }));
    return true;
  });
  for (const [, tell] of messages) await tell(trial);
  return (await trial.read('1'))!.book!.snapshot();
}

/** All of them in any order, some of them again. */
const inAnyOrder = (messages: readonly Message[]) =>
  fc
    .tuple(
      fc.shuffledSubarray([...messages], { minLength: messages.length }),
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...messages)), { maxLength: 4 }),
    )
    .map(([all, again]) =>
      again.reduce((told, [at, message]) => told.toSpliced(at % (told.length + 1), 0, message), all),
    );

describe('in whatever order and however often it hears of it, a book', () => {
  it('is on the shelf when all who rented it were undone [G15 E1 E2]', async () => {
    const messages = [rent('a'), undoneRent('a'), rent('b', minsu), undoneRent('b', minsu), rent('c'), undoneRent('c')];

    await fc.assert(
      fc.asyncProperty(inAnyOrder(messages), async (told) => {
        expect(await leftBy(told)).toMatchObject({ status: 'AVAILABLE' });
      }),
    );
  });

  it('is with the one whose rent was not undone, or on the shelf when that one came while another had it [G15 E6]', async () => {
    const messages = [rent('a'), undoneRent('a'), rent('b', minsu)];

    await fc.assert(
      fc.asyncProperty(inAnyOrder(messages), async (told) => {
        const names = told.map(([name]) => name);
        const aHadIt = names.indexOf('rent a') < Math.min(names.indexOf('undo a'), names.indexOf('rent b'));
        const left = aHadIt && names.indexOf('rent b') < names.indexOf('undo a');
        expect(await leftBy(told)).toMatchObject(
          left ? { status: 'AVAILABLE' } : { status: 'UNAVAILABLE', holder: minsu!, takenBy: 'b' },
        );
      }),
    );
  });

  it('stays with its holder when a return was undone, and never comes back twice [G15]', async () => {
    const undone = [undoneReturn('back'), returned('back')];

    await fc.assert(
      fc.asyncProperty(inAnyOrder(undone), async (told) => {
        expect(await leftBy([rent('a'), ...told])).toMatchObject({ status: 'UNAVAILABLE', takenBy: 'a' });
      }),
    );
    const done = [returned('back'), confirmed('back'), rent('b', minsu)];
    expect(await leftBy([rent('a'), ...done, ...done])).toMatchObject({ status: 'UNAVAILABLE', takenBy: 'b' });
  });
});
