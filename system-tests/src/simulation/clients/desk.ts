import { outcomeOf, requestOf } from '@library/rental-service/adapters/in/http/outcome';
import type { Answered } from '@library/rental-service/application/answered';
import type { Request } from '@library/rental-service/application/request';
import type { CardItem } from '@library/rental-service/domain/card-item';
import type { RentalCardState } from '@library/rental-service/domain/rental-card';
import { bookNo, idempotencyKey, memberId } from '@library/shared-kernel/domain/identifiers';
import { isRefusal } from '@library/shared-kernel/domain/refusal';
import type { RouteRequest } from '@library/shared-kernel/http/routes';
import { Fault } from '@library/shared-kernel/store/fault';
import { isMisuse } from '@library/shared-kernel/store/kept-answer';
import type { Misuse } from '@library/shared-kernel/store/kept-answer';
import type { Role } from '../world/roles';
import type { SimulatedLibrary } from '../world/simulated-library';
import type { UseCases } from '../world/wiring';
import type { Attempt, Told } from './history';
import { emailOf, nameOf, titleOf } from './names';

/** A client gives up on an answer after so long. */
const PATIENCE_MS = 40_000;

const PARTICULARS = {
  author: 'Author',
  isbn: '9788970849782',
  classification: 'ARTS',
  source: 'SUPPLY',
  location: 'PANGYO',
} as const;

/** Where the library is asked: by the use cases of one of a service's processes, as its HTTP adapter asks them. */
export class Desk {
  private lastAsker = { at: 0, nth: 0 };

  constructor(
    private readonly library: SimulatedLibrary,
    /** Told what is on the card for somebody who is about to be told that a rent is completed. */
    private readonly rented: (attempt: Attempt, items: readonly CardItem[]) => void,
  ) {}

  /** Rejects with a Fault when nobody knows what has become of it. */
  ask(attempt: Attempt): Promise<Told> {
    const { call, book = 0, points = 0 } = attempt;
    const member = memberId(attempt.member);
    const no = bookNo(book);
    switch (call.kind) {
      case 'rent':
        return this.begin(attempt, 'rentals', ({ rentItem }, request) =>
          rentItem.execute({ id: member, name: nameOf(member) }, { no, title: titleOf(no) }, request),
        );
      case 'return':
        return this.begin(attempt, 'returns', ({ returnItem }, request) => returnItem.execute(member, no, request));
      case 'clear':
        return this.begin(attempt, 'clearances', ({ clearOverdue }, request) =>
          clearOverdue.execute(member, points, request),
        );
      case 'make-overdue':
        return this.done('rental', ({ makeOverdue }) => makeOverdue.execute(member, no));
      case 'mark-overdue':
        return this.done('rental', ({ markOverdue }) => markOverdue.execute());
      case 'register-book':
        return this.registerBook(0, attempt.key);
      case 'register-member':
        return this.registerMember(`${attempt.member}-${call.index}`, attempt.key);
      case 'withdraw-book':
        return this.done('book', ({ moveBook }) => moveBook.execute(bookNo(call.book), 'withdraw'));
      case 'unshelve-book':
        return this.done('book', ({ moveBook }) => moveBook.execute(bookNo(call.book), 'unshelve'));
      case 'shelve-book':
        return this.done('book', ({ moveBook }) => moveBook.execute(bookNo(call.book), 'shelve'));
      case 'close-member':
        return this.done('member', ({ closeMember }) => closeMember.execute(member));
      case 'adjust-points':
        return this.done('member', ({ adjustPoints }) =>
          adjustPoints.execute(member, { points: 10, reason: 'a good deed', actor: 'librarian' }, keyedBy(attempt.key)),
        );
    }
  }

  /** The member's card, undefined when there is none. */
  cardOf(member: string): Promise<RentalCardState | undefined> {
    return this.reach('rental', async ({ cards }) => (await cards.read(memberId(member)))?.card?.snapshot());
  }

  registerBook(no: number, key?: string): Promise<Told> {
    return this.done('book', ({ registerBook }) =>
      registerBook.execute({ ...PARTICULARS, title: titleOf(no) }, true, keyedBy(key)),
    );
  }

  registerMember(id: string, key?: string): Promise<Told> {
    return this.done('member', ({ registerMember }) =>
      registerMember.execute(memberId(id), nameOf(id), emailOf(id), keyedBy(key)),
    );
  }

  /** Asks for something that begins a saga, and waits for its outcome as long as the client does. */
  private begin(
    attempt: Attempt,
    path: string,
    asks: (useCases: UseCases['rental'], request: Request) => Promise<Answered | Misuse>,
  ): Promise<Told> {
    const { call, correlation, key } = attempt;
    const { waitMs, hangsUpAfterMs } = call;
    const hungUp = new AbortController();
    const cancel =
      hangsUpAfterMs === undefined ? undefined : this.library.time.after(hangsUpAfterMs, () => hungUp.abort());
    const request = requestOf(
      {
        ...keyedBy(key),
        body: [call.kind, attempt.book, attempt.points],
        correlation,
        traceparent: undefined,
      } as unknown as RouteRequest,
      `/rental-cards/${attempt.member}/${path}`,
    );

    return this.reach('rental', async (useCases) => {
      const answered = await asks(useCases, request);
      const outcome = await outcomeOf(useCases.sagas, answered, waitMs, { signal: hungUp.signal });
      cancel?.();
      if (hungUp.signal.aborted) return { is: 'unknown' };
      if ('underWay' in outcome) return { is: 'under-way', saga: outcome.underWay.id };
      if ('no' in outcome) return toldNo(outcome.no);
      const card = (await useCases.cards.read(memberId(attempt.member)))?.card?.snapshot();
      if (call.kind === 'rent') this.rented(attempt, card?.items ?? []);
      return { is: 'completed', saga: outcome.completed.id };
    });
  }

  private done<Name extends Role>(role: Name, act: (useCases: UseCases[Name]) => Promise<unknown>): Promise<Told> {
    return this.reach(role, async (useCases) => {
      const answer = await act(useCases);
      if (isMisuse(answer)) return { is: 'refused', code: answer.misused };
      return isRefusal(answer) ? { is: 'refused', code: answer.refused } : { is: 'done' };
    });
  }

  /** By when it asks, so that it does not depend on who else has asked before. */
  private nextAsker(): string {
    const at = this.library.time.elapsed;
    this.lastAsker = { at, nth: at === this.lastAsker.at ? this.lastAsker.nth + 1 : 0 };
    return `asker ${at} ${this.lastAsker.nth}`;
  }

  /** Asks one of the service's processes. Rejects with a Fault when no answer comes. */
  private async reach<Name extends Role, Answer>(
    role: Name,
    ask: (useCases: UseCases[Name]) => Promise<Answer>,
  ): Promise<Answer> {
    const process = this.library.anyOf(role, this.nextAsker());
    if (!process) throw new Fault('no-connection', 'No process of this service is there.');
    const answer = await Promise.race([
      process.mortal.lives(() => ask(process.useCases)),
      process.mortal.death,
      this.library.time.sleep(PATIENCE_MS).then(() => 'nothing' as const),
    ]);
    if (answer === 'dead' || answer === 'nothing') throw new Fault('no-answer', 'No answer has come.');
    return answer;
  }
}

function keyedBy(key: string | undefined) {
  return key === undefined ? {} : { key: idempotencyKey(key), asked: 'the same' };
}

function toldNo(no: { readonly refused: string } | { readonly code: string; readonly sagaId?: unknown }): Told {
  if ('refused' in no) return { is: 'refused', code: no.refused };
  if (typeof no.sagaId === 'string') return { is: 'undone', saga: no.sagaId, code: no.code };
  return { is: 'refused', code: no.code };
}
