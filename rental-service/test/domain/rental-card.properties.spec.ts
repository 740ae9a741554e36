import * as fc from 'fast-check';
import { bookNo, memberId, sagaId, type SagaId } from '@library/shared-kernel/domain/identifiers';
import { plusDays, type LocalDate } from '@library/shared-kernel/domain/local-date';
import { isRefusal } from '@library/shared-kernel/domain/refusal';
import type { CardItem } from '../../src/domain/card-item';
import { RentalCard, type RentalCardState } from '../../src/domain/rental-card';

const jenny = { id: memberId('jenny'), name: '제니' };
const BOOKS = [1, 2, 3, 4, 5, 6, 7];
const book = (no: number) => ({ no: bookNo(no), title: `Book ${no}` });
const date = (day: number): LocalDate => plusDays('2023-12-01', day);
const STRANGER = sagaId('never-began');

const anyBook = fc.constantFrom(...BOOKS);
/** Which of the sagas to speak of: 0 is the youngest. */
const anySaga = fc.nat({ max: 5 });
const because = fc.constantFrom('refused' as const, 'silence' as const);

const anyCommand = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ask: fc.constant('rent' as const), no: anyBook }) },
  { weight: 4, arbitrary: fc.record({ ask: fc.constant('confirmRent' as const), back: anySaga }) },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('cancelRent' as const), back: anySaga }) },
  { weight: 3, arbitrary: fc.record({ ask: fc.constant('return' as const), no: anyBook }) },
  { weight: 3, arbitrary: fc.record({ ask: fc.constant('confirmReturn' as const), back: anySaga }) },
  { weight: 2, arbitrary: fc.record({ ask: fc.constant('cancelReturn' as const), back: anySaga, because }) },
  { weight: 2, arbitrary: fc.record({ ask: fc.constant('clear' as const), exactly: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ ask: fc.constant('confirmClearing' as const), back: anySaga }) },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('cancelClearing' as const), back: anySaga }) },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('markOverdue' as const) }) },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('makeOverdue' as const), no: anyBook }) },
  { weight: 2, arbitrary: fc.record({ ask: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 9 }) }) },
);
type Command = typeof anyCommand extends fc.Arbitrary<infer Value> ? Value : never;
const commands = fc.array(anyCommand, { maxLength: 60 });

interface ModelItem {
  phase: 'RENTING' | 'RENTED' | 'RETURNING';
  due: number;
  late: boolean;
  saga?: SagaId | undefined;
  /** The day a return was accepted, and the one that was there before it. */
  accepted?: number | undefined;
  before?: number | undefined;
}

/** The rules of a card once more, on day numbers and with mutable parts, to be compared with the real one. */
class CardModel {
  readonly items = new Map<number, ModelItem>();
  fee = 0;
  returned = 0;
  clearing: SagaId | undefined;

  /** What the card should answer: a refusal's code, the fee of an ended loan, a number of marks, or `ok`. */
  tell(command: Command, saga: SagaId, today: number): string | number {
    switch (command.ask) {
      case 'rent': {
        if (this.clearing) return 'clearing-in-progress';
        if (this.blocked()) return 'card-unavailable';
        if (this.items.size >= 5) return 'limit-reached';
        const phase = this.items.get(command.no)?.phase;
        if (phase)
          return { RENTED: 'already-rented', RENTING: 'rent-in-progress', RETURNING: 'return-in-progress' }[phase];
        this.items.set(command.no, { phase: 'RENTING', due: today + 14, late: false, saga });
        return 'ok';
      }
      case 'confirmRent':
        this.ofSaga('RENTING', saga, (item) => {
          item.phase = 'RENTED';
          item.saga = undefined;
        });
        return 'ok';
      case 'cancelRent':
        this.ofSaga('RENTING', saga, (_, no) => this.items.delete(no));
        return 'ok';
      case 'return':
        return this.onLoan(command.no, (item) => {
          const gap = item.accepted === undefined ? 99 : today - item.accepted;
          item.before = item.accepted;
          item.accepted = gap >= 0 && gap <= 3 ? item.accepted : today;
          item.phase = 'RETURNING';
          item.saga = saga;
        });
      case 'confirmReturn': {
        let charged: string | number = 'ok';
        this.ofSaga('RETURNING', saga, (item, no) => {
          charged = this.lateFee(item);
          this.fee += charged;
          this.returned += 1;
          this.items.delete(no);
        });
        return charged;
      }
      case 'cancelReturn':
        this.ofSaga('RETURNING', saga, (item) => {
          item.phase = 'RENTED';
          item.saga = undefined;
          if (command.because === 'refused') item.accepted = item.before;
          item.before = undefined;
        });
        return 'ok';
      case 'clear':
        if (this.clearing) return 'clearing-in-progress';
        if (this.items.size > 0) return 'items-not-returned';
        if (!command.exactly || this.fee === 0) return 'wrong-amount';
        this.clearing = saga;
        return 'ok';
      case 'confirmClearing':
        if (this.clearing === saga) {
          this.fee = 0;
          this.clearing = undefined;
        }
        return 'ok';
      case 'cancelClearing':
        if (this.clearing === saga) this.clearing = undefined;
        return 'ok';
      case 'markOverdue': {
        let marks = 0;
        for (const item of this.items.values()) {
          const waits = item.accepted !== undefined && today - item.accepted <= 3;
          if (item.phase !== 'RENTED' || item.late || item.due >= today || waits) continue;
          item.late = true;
          marks += 1;
        }
        return marks;
      }
      case 'makeOverdue':
        return this.onLoan(command.no, (item) => {
          item.due = Math.min(item.due, today - 1);
          item.late = true;
          item.accepted = undefined;
        });
      case 'wait':
        return 'ok';
    }
  }

  blocked(): boolean {
    const items = [...this.items.values()];
    return this.fee > 0 || this.clearing !== undefined || items.some((item) => item.late || this.lateFee(item) > 0);
  }

  lateFee(item: ModelItem): number {
    return item.phase === 'RETURNING' ? Math.max(0, (item.accepted ?? NaN) - item.due) * 10 : 0;
  }

  private ofSaga(phase: ModelItem['phase'], saga: SagaId, change: (item: ModelItem, no: number) => void): void {
    for (const [no, item] of this.items) if (item.phase === phase && item.saga === saga) change(item, no);
  }

  private onLoan(no: number, change: (item: ModelItem) => void): string {
    const item = this.items.get(no);
    if (!item) return 'item-not-rented';
    if (item.phase !== 'RENTED') return item.phase === 'RENTING' ? 'rent-in-progress' : 'return-in-progress';
    change(item);
    return 'ok';
  }
}

const shownBy = (model: CardModel) => ({
  items: [...model.items].map(([no, item]) => ({
    no,
    state: item.phase,
    dueOn: date(item.due),
    overdue: item.late,
    saga: item.saga,
    acceptedOn: item.accepted === undefined ? undefined : date(item.accepted),
    fee: model.lateFee(item),
  })),
  fee: model.fee,
  clearing: model.clearing,
  status: model.blocked() ? 'RENT_UNAVAILABLE' : 'RENT_AVAILABLE',
  counts: {
    rented: model.items.size,
    returned: model.returned,
    overdue: [...model.items.values()].filter(({ late }) => late).length,
  },
});

const shown = (card: RentalCard) => ({
  items: card.snapshot().items.map((item) => ({
    no: item.no as number,
    state: item.state,
    dueOn: item.dueOn,
    overdue: item.state !== 'RENTING' && item.overdue,
    saga: card.sagaOf(item.no),
    acceptedOn: item.state === 'RENTING' ? undefined : item.acceptedOn,
    fee: item.state === 'RETURNING' ? item.fee : 0,
  })),
  fee: card.snapshot().fee,
  clearing: card.snapshot().clearing,
  status: card.status,
  counts: card.counts,
});

function ask(card: RentalCard, command: Command, saga: SagaId, today: LocalDate): string | number {
  const answer = (() => {
    switch (command.ask) {
      case 'rent':
        return card.rent(book(command.no), saga, today);
      case 'return':
        return card.return(bookNo(command.no), saga, today);
      case 'clear':
        return card.clear(command.exactly ? card.snapshot().fee : card.snapshot().fee + 1, saga);
      case 'confirmReturn':
        return card.confirmReturn(saga)?.fee;
      case 'cancelReturn':
        return card.cancelReturn(saga, command.because);
      case 'markOverdue':
        return card.markOverdue(today);
      case 'makeOverdue':
        return card.makeOverdue(bookNo(command.no), today);
      case 'wait':
        return undefined;
      case 'confirmRent':
      case 'cancelRent':
      case 'confirmClearing':
      case 'cancelClearing':
        return card[command.ask](saga);
    }
  })();
  if (isRefusal(answer)) return answer.refused;
  return typeof answer === 'number' ? answer : 'ok';
}

interface Step {
  readonly command: Command;
  readonly saga: SagaId;
  readonly day: number;
  readonly before: RentalCardState;
  readonly answer: string | number;
}

/** Plays the commands on a card whose every state is frozen, and shows each step to `see`. */
function play(script: readonly Command[], see: (step: Step, card: RentalCard) => void = () => {}) {
  const card = RentalCard.open(jenny);
  let began = 0;
  let day = 0;
  for (const command of script) {
    if (command.ask === 'wait') day += command.days;
    if (['rent', 'return', 'clear'].includes(command.ask)) began += 1;
    const saga = sagaId(`saga-${'back' in command ? began - command.back : began}`);
    const before = frozen(card.snapshot());
    const answer = ask(card, command, saga, date(day));
    see({ command, saga, day, before, answer }, card);
  }
  return { card, today: date(day) };
}

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

function withoutAcceptance(item: CardItem): object {
  return { ...item, acceptedOn: undefined };
}

/** Whether it is right for any card that commands can lead to. */
const always = (holds: (card: () => RentalCard, today: LocalDate) => void) =>
  fc.assert(
    fc.property(commands, (script) => {
      const { card, today } = play(script);
      const state = frozen(card.snapshot());
      holds(() => new RentalCard(state), today);
    }),
    { numRuns: 200 },
  );

describe('a card, whatever is asked of it and in whatever order,', () => {
  it('answers and shows what the rules say', () => {
    fc.assert(
      fc.property(commands, (script) => {
        const model = new CardModel();

        play(script, ({ command, saga, day, answer }, card) => {
          expect(answer).toBe(model.tell(command, saga, day));
          expect(shown(card)).toStrictEqual(shownBy(model));
        });
      }),
      { numRuns: 200 },
    );
  });

  it('never holds more than 5 books, nor one of them twice [G2] [L2]', () => {
    fc.assert(
      fc.property(commands, (script) => {
        play(script, (_, card) => {
          const numbers = card.snapshot().items.map(({ no }) => no);
          expect(numbers.length).toBeLessThanOrEqual(5);
          expect(new Set(numbers).size).toBe(numbers.length);
        });
      }),
    );
  });

  it('changes its fee when a return or a clearing is confirmed, and never else', () => {
    fc.assert(
      fc.property(commands, (script) => {
        play(script, ({ command, before, answer }, card) => {
          const charged = command.ask === 'confirmReturn' && typeof answer === 'number' ? answer : 0;
          const paid =
            command.ask === 'confirmClearing' && before.clearing && !card.snapshot().clearing ? before.fee : 0;
          expect(card.snapshot().fee).toBe(before.fee + charged - paid);
        });
      }),
    );
  });

  it('is not changed by a refusal', () => {
    fc.assert(
      fc.property(commands, (script) => {
        play(script, ({ before, answer }, card) => {
          const refused = typeof answer === 'string' && answer !== 'ok';
          expect(refused ? card.snapshot() : before).toBe(before);
        });
      }),
    );
  });

  it('is as it was when what began is cancelled', () => {
    always((copy, today) => {
      const before = copy().snapshot();
      for (const no of BOOKS) {
        const renting = copy();
        renting.rent(book(no), sagaId('new'), today);
        renting.cancelRent(sagaId('new'));
        expect(renting.snapshot()).toStrictEqual(before);

        const returning = copy();
        returning.return(bookNo(no), sagaId('new'), today);
        returning.cancelReturn(sagaId('new'), 'refused');
        expect(returning.snapshot()).toStrictEqual(before);
      }

      const clearing = copy();
      clearing.clear(before.fee, sagaId('new'));
      clearing.cancelClearing(sagaId('new'));
      expect(clearing.snapshot()).toStrictEqual(before);
    });
  });

  it('keeps an acceptance day of a return undone by silence, and nothing else', () => {
    always((copy, today) => {
      for (const no of BOOKS) {
        const card = copy();
        const before = card.snapshot();
        card.return(bookNo(no), sagaId('new'), today);
        card.cancelReturn(sagaId('new'), 'silence');
        const after = card.snapshot();
        expect({ ...after, items: after.items.map(withoutAcceptance) }).toStrictEqual({
          ...before,
          items: before.items.map(withoutAcceptance),
        });
      }
    });
  });

  it('shows no trace when what never began is confirmed or undone', () => {
    always((copy) => {
      const card = copy();
      const before = card.snapshot();

      card.confirmRent(STRANGER);
      card.cancelRent(STRANGER);
      expect(card.confirmReturn(STRANGER)).toBeUndefined();
      card.cancelReturn(STRANGER, 'refused');
      card.cancelReturn(STRANGER, 'silence');
      card.confirmClearing(STRANGER);
      card.cancelClearing(STRANGER);

      expect(card.snapshot()).toBe(before);
    });
  });

  it('is late from the day it announces, and not a day before', () => {
    always((copy) => {
      const next = copy().nextOverdueOn;

      expect(copy().markOverdue(next ?? '2999-12-31') > 0).toBe(next !== undefined);
      expect(next ? copy().markOverdue(plusDays(next, -1)) : 0).toBe(0);
    });
  });
});
