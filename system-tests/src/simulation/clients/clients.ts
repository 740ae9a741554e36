import type { CardItem } from '@library/rental-service/domain/card-item';
import type { SagaType } from '@library/shared-kernel/contracts/event-contract';
import { Fault } from '@library/shared-kernel/store/fault';
import type { Judge } from '../invariants/judge';
import type { Call } from '../plan/plan';
import { SimulatedBug } from '../world/deciding';
import type { SimulatedLibrary } from '../world/simulated-library';
import { Desk } from './desk';
import { describeTold } from './history';
import type { Attempt, Told } from './history';
import { memberOf } from './names';

const ASK_AGAIN_MS = 1_000;
const MOST_ATTEMPTS = 6;

const BEGINS: Readonly<Partial<Record<Call['kind'], { readonly begins: SagaType }>>> = {
  rent: { begins: 'RENT' },
  return: { begins: 'RETURN' },
  clear: { begins: 'OVERDUE' },
};

/** What is asked for, beside by whom. */
type Intent = Pick<Attempt, 'book' | 'points'>;

/** Those who use the library: each attempt and what it was told is kept. */
export class Clients {
  readonly history: Attempt[] = [];
  private asking = 0;
  private readonly desk: Desk;

  constructor(
    private readonly library: SimulatedLibrary,
    private readonly judge: Judge,
    private readonly tell: (line: string) => void,
  ) {
    this.desk = new Desk(library, (attempt, items) => this.mustBeThere(attempt, items));
  }

  /** Everybody has been told something. */
  get idle(): boolean {
    return this.asking === 0;
  }

  /** Registers those who are there from the beginning. */
  async settle(members: number, books: number): Promise<void> {
    for (let no = 1; no <= books; no++) await this.desk.registerBook(no);
    for (let index = 0; index < members; index++) await this.desk.registerMember(memberOf(index));
  }

  call(call: Call): void {
    const intends = this.intentOf(call);
    for (const which of call.twice ? ['a', 'b'] : ['a']) void this.insist(call, which, intends);
  }

  /** Asks until there is an answer, when the call has a key; once, when it has none. */
  private async insist(call: Call, which: string, intends: Promise<Intent | undefined>): Promise<void> {
    this.asking++;
    const intent = await intends;
    const attempts = !intent ? 0 : call.keyed ? MOST_ATTEMPTS : 1;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const told = await this.attempt(call, intent!, `call-${call.index}${which}${attempt}`);
      if (told.is !== 'unknown') break;
      await this.library.time.sleep(ASK_AGAIN_MS);
    }
    this.asking--;
  }

  /** What exactly will be asked, however often; undefined when the member has no such book, or cannot find out. */
  private async intentOf({ kind, member, book }: Call): Promise<Intent | undefined> {
    if (kind === 'rent') return { book };
    if (kind !== 'return' && kind !== 'make-overdue' && kind !== 'clear') return {};
    try {
      const card = await this.desk.cardOf(memberOf(member));
      const { items = [], fee = 0 } = card ?? {};
      if (kind === 'clear') return { points: fee };
      return items.length === 0 ? undefined : { book: items[book % items.length]!.no };
    } catch (error) {
      if (error instanceof Fault) return undefined;
      throw error;
    }
  }

  private async attempt(call: Call, intent: Intent, correlation: string): Promise<Told> {
    const attempt: Attempt = {
      call,
      correlation,
      member: memberOf(call.member),
      ...(call.keyed ? { key: `key-${call.index}` } : {}),
      ...intent,
      ...BEGINS[call.kind],
    };
    this.history.push(attempt);
    this.tell(
      `${correlation} asks to ${call.kind} by ${attempt.member}${'book' in attempt ? ` of ${attempt.book}` : ''}`,
    );
    const told = await this.toldOf(attempt);
    attempt.told = told;
    this.tell(`${correlation} is told ${describeTold(told)}`);
    return told;
  }

  private async toldOf(attempt: Attempt): Promise<Told> {
    try {
      return await this.desk.ask(attempt);
    } catch (error) {
      if (!(error instanceof Fault || error instanceof SimulatedBug)) {
        this.judge.offends('G13', `${attempt.correlation} was answered with a bug: ${String(error)}`);
      }
      return { is: 'unknown' };
    }
  }

  /** Who is told that a book is theirs finds it on the card, unless somebody has asked to bring it back since. */
  private mustBeThere({ member, book }: Attempt, items: readonly CardItem[]): void {
    const isThere = items.some(({ no, state }) => no === book && state !== 'RENTING');
    const isBroughtBack = this.history.some(
      (other) => other.begins === 'RETURN' && other.member === member && other.book === book,
    );
    this.judge.holds(
      'G13',
      isThere || isBroughtBack,
      () => `${member} was told that book ${book} is theirs, and does not find it on the card.`,
    );
  }
}
