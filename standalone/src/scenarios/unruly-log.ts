import type {
  Backlog,
  BatchHandler,
  ConsumerSettings,
  Consumption,
  LogMessage,
  MessageLog,
  Publication,
} from '@library/shared-kernel/messaging/message-log';
import { Fault } from '@library/shared-kernel/store/fault';

/** What may happen to a message on its way. */
export type Fate =
  /** Nobody ever gets it, and whoever sent it believes that it arrived. */
  | 'lost'
  /** It is on its way until `letGo`. */
  | 'held'
  /** It arrives so many times. */
  | { readonly times: number }
  /** It arrives so much later, and others overtake it. */
  | { readonly lateMs: () => number }
  /** It arrives there instead. */
  | { readonly at: (message: LogMessage) => Promise<unknown> };

export interface Rule {
  /** On its way into the log, or out of it to a consumer group. */
  readonly to: 'the log' | 'everybody' | (string & {});
  /** Any topic when absent. */
  readonly topic?: string;
  readonly when?: (headers: Readonly<Record<string, string>>) => boolean;
  readonly becomes: Fate;
  /** The rule holds for so many messages; for all when absent. */
  readonly first?: number;
}

interface ActiveRule extends Rule {
  left: number;
  met: number;
}

/** A rule that is in force, and how many messages it has met so far. */
export interface InForce {
  readonly met: number;
  end(): void;
}

type Leg = 'the log' | { readonly group: string };

const TRY_AGAIN_MS = 50;

/** A message log that misbehaves by rule: between services and log, for scenarios and tests. Without rules it is the log. */
export class UnrulyLog implements MessageLog {
  private readonly rules: ActiveRule[] = [];
  private held: (() => Promise<unknown>)[] = [];
  private readonly underWay = new Set<Promise<void>>();
  private hungUp = false;
  private outage: { readonly over: Promise<void>; readonly end: () => void } | undefined;
  /** How often somebody tried to publish while the log was out of reach. */
  refused = 0;

  constructor(private readonly log: MessageLog) {}

  add(rule: Rule): InForce {
    const active: ActiveRule = { ...rule, left: rule.first ?? Infinity, met: 0 };
    this.rules.push(active);
    return {
      get met() {
        return active.met;
      },
      end: () => void (active.left = 0),
    };
  }

  /** Nobody can publish, and nothing is delivered, until `comeBack`. */
  breakDown(): void {
    if (this.outage) return;
    let end: (() => void) | undefined;
    const over = new Promise<void>((resolve) => (end = resolve));
    this.outage = { over, end: () => end?.() };
  }

  comeBack(): void {
    this.outage?.end();
    this.outage = undefined;
  }

  /** Everything that was held arrives, one after the other; resolves when it did. */
  async letGo(order: 'as sent' | 'backwards' = 'as sent'): Promise<number> {
    const { held } = this;
    this.held = [];
    for (const arrive of order === 'as sent' ? held : held.toReversed()) await arrive();
    return held.length;
  }

  get holding(): number {
    return this.held.length;
  }

  /** Resolves when nothing is late any more. What is held stays held. */
  async calm(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  /** Whoever listens is about to stop: an outage ends, and what could not be handled until now is not tried again. */
  hangUp(): void {
    this.comeBack();
    this.hungUp = true;
  }

  /** Ends every rule and every outage, so that what follows goes as it should. */
  behave(): void {
    for (const rule of this.rules) rule.left = 0;
    this.comeBack();
  }

  async publish(messages: readonly Publication[]): Promise<void> {
    if (this.outage) {
      this.refused += 1;
      throw new Fault('log-unreachable', 'The message log cannot be reached.');
    }
    const onTime: Publication[] = [];
    for (const message of messages) {
      const publish = () => this.log.publish([message]);
      const fate = this.fateOf('the log', message);
      if (fate === undefined) onTime.push(message);
      else if (typeof fate === 'object' && 'times' in fate)
        onTime.push(...Array<Publication>(fate.times).fill(message));
      else this.meet(fate, publish, { ...message, partition: -1, offset: -1 });
    }
    await this.log.publish(onTime);
  }

  consume(settings: ConsumerSettings, handle: BatchHandler): Promise<Consumption> {
    return this.log.consume(settings, async (batch) => {
      await this.outage?.over;
      const onTime: LogMessage[] = [];
      let more: LogMessage[] = [];
      for (const message of batch) {
        const fate = this.fateOf({ group: settings.group }, message);
        if (fate === undefined) onTime.push(message);
        else if (typeof fate === 'object' && 'times' in fate) {
          onTime.push(message);
          more = more.concat(Array<LogMessage>(fate.times - 1).fill(message));
        } else this.meet(fate, () => handle([message]), message);
      }
      if (onTime.length > 0) await handle(onTime);
      for (const message of more) await handle([message]);
    });
  }

  read(topic: string, partition: number, offset: number, limit: number): Promise<readonly LogMessage[]> {
    return this.log.read(topic, partition, offset, limit);
  }

  ends(topic: string): Promise<readonly number[]> {
    return this.log.ends(topic);
  }

  backlog(group: string, topics: readonly string[]): Promise<Backlog> {
    return this.log.backlog(group, topics);
  }

  get reachable(): boolean {
    return !this.outage && this.log.reachable;
  }

  private fateOf(leg: Leg, { topic, headers }: Pick<LogMessage, 'topic' | 'headers'>): Fate | undefined {
    const rule = this.rules.find(
      ({ left, to, topic: of, when }) =>
        left > 0 &&
        (leg === 'the log' ? to === leg : to === leg.group || to === 'everybody') &&
        (of === undefined || of === topic) &&
        (when === undefined || when(headers)),
    );
    if (!rule) return undefined;
    rule.left -= 1;
    rule.met += 1;
    return rule.becomes;
  }

  private meet(fate: Exclude<Fate, { times: number }>, arrive: () => Promise<unknown>, message: LogMessage): void {
    if (fate === 'lost') return;
    if (fate === 'held') this.held.push(arrive);
    else if ('at' in fate) this.later(0, () => fate.at(message));
    else this.later(fate.lateMs(), arrive);
  }

  /** What arrives late is nobody's to try again, so it is tried here, until it succeeds or all hang up. */
  private later(ms: number, arrive: () => Promise<unknown>): void {
    const arriving = new Promise<void>((resolve) => setTimeout(resolve, ms))
      .then(arrive)
      .catch(() => (this.hungUp ? undefined : this.later(TRY_AGAIN_MS, arrive)))
      .then(() => void this.underWay.delete(arriving));
    this.underWay.add(arriving);
  }
}
