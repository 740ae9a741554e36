import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { KafkaMessageLog } from '../../src/kafka/message-log.kafka';
import type { KafkaSettings } from '../../src/kafka/settings';
import type { LogMessage, Publication } from '../../src/messaging/message-log';
import { SystemClock } from '../../src/time/system-clock';

/** Addresses of real brokers, to be shared by everybody: whoever needs one that can be broken puts something between. */
export const BROKERS = process.env['KAFKA_BROKERS']?.split(',') ?? [];

/** A `describe` that says so in one line when what it needs is not here, and fails where it was to be here. */
export function describeWhere(isHere: boolean, name: string, specs: () => void): void {
  if (isHere) describe(name, specs);
  else if (process.env['REQUIRE_INFRA'] === '1') {
    it(`${name}: needs a broker`, () => {
      throw new Error('There is no broker, and REQUIRE_INFRA asks for one.');
    });
  } else {
    process.stderr.write(`${name}: skipped, because there is no broker.\n`);
    describe.skip(name, specs);
  }
}

/** The same for specs that need nothing but the brokers that all share. */
export function describeWithKafka(name: string, specs: () => void): void {
  describeWhere(BROKERS.length > 0, name, specs);
}

export const unique = (prefix: string) => `${prefix}-${randomUUID()}`;

export const textOf = ({ value }: Pick<LogMessage, 'value'>) => Buffer.from(value ?? []).toString();

export const publication = (topic: string, text: string, more: Partial<Publication> = {}): Publication => ({
  topic,
  key: 'jenny',
  value: Buffer.from(text),
  headers: {},
  time: Date.now(),
  ...more,
});

export async function until(what: string, condition: () => boolean | Promise<boolean>, patienceMs = 30_000) {
  const deadline = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain: ${what}`);
    await pause(5);
  }
}

/** A promise that somebody else settles. */
export class Gate {
  private settle: (() => void) | undefined;
  readonly opened = new Promise<void>((resolve) => (this.settle = resolve));

  open(): void {
    this.settle?.();
  }
}

/** Logs of processes that come and go. */
export class KafkaLogs {
  private readonly opened: KafkaMessageLog[] = [];
  readonly failures: unknown[] = [];

  open(settings: Partial<KafkaSettings> = {}): KafkaMessageLog {
    const log = new KafkaMessageLog({
      brokers: BROKERS,
      clientId: 'kafka-spec',
      clock: new SystemClock(),
      random: Math.random,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      onFailure: (error) => void this.failures.push(error),
      // So that the group soon notices that a process was killed.
      sessionTimeoutMs: 6_000,
      ...settings,
    });
    this.opened.push(log);
    return log;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.opened.map((log) => log.close()));
  }
}
