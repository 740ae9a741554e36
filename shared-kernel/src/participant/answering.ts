import { SAGA_EVENTS } from '../contracts/events';
import type { SagaEventContract } from '../contracts/events';
import { eventTypeOf, RESULT_TOPIC } from '../contracts/event-result';
import type { EventResult } from '../contracts/event-result';
import type { BodyOf, Direction } from '../contracts/event-contract';
import type { Refusal } from '../domain/refusal';
import { isRefusal } from '../domain/refusal';
import type { EventMessage } from '../messaging/event-message';
import type { Later, Outcome, Reaction } from '../messaging/reaction';
import { Tampered } from '../messaging/reaction';
import type { SagaTiming } from '../saga/timing';
import { Fault } from '../store/fault';
import type { Clock } from '../time/clock';
import type { Effect, Fence } from './fence';
import { hashOf } from './fence';
import type { FencedRecord, Participant, Told } from './participant';

type Body = BodyOf<SagaEventContract>;
type Asked = EventMessage<Body>;

/** A part as the mechanism sees it, once the compiler has checked the table. */
interface AnyPart<Record> {
  does(record: Record, event: Body, told: Told): Effect | Refusal;
  undoes(record: Record, effect: Effect, event: Body, told: Told): void | Refusal;
  confirms?(record: Record, event: Body, told: Told): void | Refusal;
  recalls(record: Record, event: Body, told: Told): Effect | 'unknown' | Promise<Effect | 'unknown'>;
}

const CONTRACTS = new Map<string, SagaEventContract>(SAGA_EVENTS.map((contract) => [contract.topic, contract]));

/**
 * The mechanism that every participant shares. It answers each message once and repeats the answer; it does nothing
 * after a cancel; it undoes only what it did; and effect, fence and answer are one change of one record.
 */
export class Answering<Record extends FencedRecord> {
  constructor(
    private readonly participant: Participant<Record>,
    private readonly clock: Clock,
    private readonly timing: SagaTiming,
    /** False while a rebuild reads what others have answered long ago; then an announcement never expires either. */
    private readonly answers: () => boolean = () => true,
  ) {}

  /** The topics in which this participant has a part. */
  get topics(): readonly string[] {
    return SAGA_EVENTS.filter((contract) => this.participant.name in contract.answeredBy).map(
      (contract) => contract.topic,
    );
  }

  /** Undefined when the message does not concern this participant. */
  react(message: Asked): Reaction<Record> | undefined {
    if (message.awaits && !message.awaits.includes(this.participant.name)) return undefined;

    const told = { saga: message.saga, announcedAt: message.announced ?? message.time };
    return {
      record: this.participant.recordOf(message.body),
      about: [message.saga, ...(this.participant.about?.(message.body, told) ?? [])],
      decide: (record) => this.decide(record, message, { ...told, now: this.clock.now() }),
    };
  }

  private decide(record: Record, message: Asked, told: Told): Outcome | Later<Record> {
    const { direction } = contractOf(message);
    const fence = record.fences.of(message.saga);
    if (fence && fence.asked !== hashOf(message.body)) throw new Tampered(message.saga, direction);

    switch (direction) {
      case 'do':
        return fence ? this.repeat(record, message, fence, told) : this.do(record, message, told);
      case 'undo':
        return fence ? this.undo(record, message, fence, told) : this.undoUnknown(record, message, told);
      case 'confirm':
        return this.confirm(record, message, fence, told);
    }
  }

  private do(record: Record, message: Asked, told: Told): Outcome {
    if (this.answers() && this.hasExpired(record, message, told))
      return this.answer(record, message, 'expired', told, 'expired');
    if (record.outbox.full)
      throw new Fault(
        'outbox-full',
        `Record ${this.participant.recordOf(message.body)} waits for its messages to be published.`,
      );

    const done = this.partOf(message).does(record, message.body, told);
    const answer = isRefusal(done) ? done.refused : 'ok';
    const effect = isRefusal(done) ? 'nothing' : done;
    record.fences.put(
      message.saga,
      { asked: hashOf(message.body), answer, effect, announced: told.announcedAt },
      this.keptUntil(message, told),
    );

    return this.answer(record, message, answer, told, isRefusal(done) ? 'refused' : 'applied');
  }

  private repeat(record: Record, message: Asked, fence: Fence, told: Told): Outcome {
    if (fence.undone) return this.answer(record, message, 'withdrawn', told, 'withdrawn');
    return this.answer(record, message, fence.answer!, told, 'repeated');
  }

  private undo(record: Record, message: Asked, fence: Fence, told: Told): Outcome {
    if (fence.undone) return this.answer(record, message, 'ok', told, 'repeated');

    const refused =
      fence.effect === 'nothing' ? undefined : this.partOf(message).undoes(record, fence.effect, message.body, told);
    if (isRefusal(refused)) return this.answer(record, message, refused.refused, told, 'refused');

    record.fences.amend(message.saga, { ...fence, undone: true });
    return this.answer(record, message, 'ok', told, 'applied');
  }

  private undoUnknown(record: Record, message: Asked, told: Told): Outcome | Later<Record> {
    if (!record.fences.mayHaveForgotten(told.announcedAt)) return this.fenceOff(record, message, told);

    return {
      lookUp: async () => {
        const recalled = await this.partOf(message).recalls(record, message.body, told);
        return { ...this.react(message)!, decide: (again) => this.undoRecalled(again, message, recalled, told) };
      },
    };
  }

  /** The cancel came first: what it cancels will have no effect, whenever it comes. */
  private fenceOff(record: Record, message: Asked, told: Told): Outcome {
    const fence: Fence = { asked: hashOf(message.body), effect: 'nothing', undone: true, announced: told.announcedAt };
    record.fences.put(message.saga, fence, this.keptUntil(message, told));
    return this.answer(record, message, 'ok', told, 'applied');
  }

  private undoRecalled(record: Record, message: Asked, recalled: Effect | 'unknown', told: Told): Outcome {
    const fence = record.fences.of(message.saga);
    if (fence) return this.undo(record, message, fence, told);
    if (recalled === 'unknown') return this.answer(record, message, 'too-late', told, 'too-late');

    const refused =
      recalled === 'nothing' ? undefined : this.partOf(message).undoes(record, recalled, message.body, told);
    if (isRefusal(refused)) return this.answer(record, message, refused.refused, told, 'refused');
    return this.fenceOff(record, message, told);
  }

  private confirm(record: Record, message: Asked, fence: Fence | undefined, told: Told): Outcome {
    if (fence?.undone) return this.answer(record, message, 'withdrawn', told, 'withdrawn');
    if (fence?.confirmed) return this.answer(record, message, 'ok', told, 'repeated');

    const refused = this.partOf(message).confirms?.(record, message.body, told);
    if (isRefusal(refused)) return this.answer(record, message, refused.refused, told, 'refused');

    if (fence) record.fences.amend(message.saga, { ...fence, confirmed: true });
    return this.answer(record, message, 'ok', told, 'applied');
  }

  private hasExpired(record: Record, message: Asked, told: Told): boolean {
    if (record.fences.mayHaveForgotten(told.announcedAt)) return true;
    return message.expires !== undefined && told.now > message.expires + this.timing.clockToleranceMs;
  }

  /** Seven days past the expiry, also when only the cancel is known and the expiry must be guessed. */
  private keptUntil(message: Asked, told: Told): number {
    const expires = message.expires ?? Math.max(told.announcedAt, told.now) + this.timing.expiresAfterMs;
    return expires + this.timing.fencesKeptMs;
  }

  private answer(record: Record, message: Asked, answer: string, told: Told, outcome: Outcome): Outcome {
    if (!this.answers()) return outcome;
    const { saga, direction } = contractOf(message);
    const { reason: _reason, ...asked } = message.body as Body & { reason?: string };
    const result: EventResult = {
      eventType: eventTypeOf(saga, direction),
      ...asked,
      success: answer === 'ok',
      ...(answer === 'ok' ? {} : { reason: answer }),
    };
    record.outbox.add({
      id: `${message.saga}:${this.participant.name}:${direction}:${answer}`,
      topic: RESULT_TOPIC,
      body: result,
      time: told.now,
      saga: message.saga,
      correlation: message.correlation,
      causation: message.id,
      participant: this.participant.name,
      ...(message.traceparent === undefined ? {} : { traceparent: message.traceparent }),
    });
    return outcome;
  }

  private partOf(message: Asked): AnyPart<Record> {
    const { saga } = contractOf(message);
    return (this.participant.parts as unknown as { [Saga in typeof saga]: AnyPart<Record> })[saga];
  }
}

function contractOf(message: Asked): { readonly saga: SagaEventContract['saga']; readonly direction: Direction } {
  return CONTRACTS.get(message.topic)!;
}
