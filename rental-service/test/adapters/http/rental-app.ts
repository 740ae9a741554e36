import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Direction, ParticipantName } from '@library/shared-kernel/contracts/event-contract';
import { eventTypeOf, RESULT_TOPIC } from '@library/shared-kernel/contracts/event-result';
import { SAGA_EVENTS } from '@library/shared-kernel/contracts/events';
import { idempotencyKey } from '@library/shared-kernel/domain/identifiers';
import { refuse } from '@library/shared-kernel/domain/refusal';
import { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import { serviceApp } from '@library/shared-kernel/http/service-app';
import { fromLog, toPublication } from '@library/shared-kernel/messaging/cloud-event';
import type { LogMessage, MessageLog, Publication } from '@library/shared-kernel/messaging/message-log';
import type { Parking } from '@library/shared-kernel/messaging/parking';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { KEYS_KEPT_MS } from '@library/shared-kernel/store/kept-answer';
import type { Records } from '@library/shared-kernel/store/records';
import { Calendar } from '@library/shared-kernel/time/calendar';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { Registry } from 'prom-client';
import { embeddedRentalStores } from '../../../src/adapters/out/embedded/rental-stores.embedded';
import { ForgetKeys } from '../../../src/application/forget-keys';
import type { RentalRecord } from '../../../src/application/rental-record';
import { composeRental } from '../../../src/composition-root';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What the other services would answer: `ok` unless told otherwise, at once unless told to wait. */
class Participants {
  private readonly told = new Map<string, string>();
  private readonly held: (() => void)[] = [];
  private readonly saying = new Set<Promise<unknown>>();
  private silent = false;

  refuse(name: ParticipantName, code: string, asked: Direction = 'do'): void {
    this.told.set(`${name} ${asked}`, code);
  }

  ignore(name: ParticipantName, asked: Direction): void {
    this.told.set(`${name} ${asked}`, 'nothing');
  }

  /** Until `answer`, nobody says anything. */
  holdBack(): void {
    this.silent = true;
  }

  answer(): void {
    this.silent = false;
    for (const say of this.held.splice(0)) say();
  }

  /** Everybody's answers to a message, handed over one by one. */
  hear(publication: Publication, hand: (result: LogMessage) => Promise<unknown>): void {
    const message = fromLog({ ...publication, partition: 0, offset: 0 });
    const contract = SAGA_EVENTS.find(({ topic }) => topic === message.topic);
    if (!contract) return;

    const { reason: _reason, ...asked } = message.body as { reason?: string };
    for (const participant of message.awaits ?? []) {
      const answer = this.told.get(`${participant} ${contract.direction}`) ?? 'ok';
      if (answer === 'nothing') continue;
      const body = {
        eventType: eventTypeOf(contract.saga, contract.direction),
        ...asked,
        success: answer === 'ok',
        ...(answer === 'ok' ? {} : { reason: answer }),
      };
      const { saga, correlation, time } = message;
      const id = `${saga}:${participant}:${contract.direction}:${answer}`;
      const result = { id, topic: RESULT_TOPIC, body, participant, saga, correlation, time };
      const say = () => this.follow(hand({ ...toPublication(result), partition: 0, offset: 0 }));

      if (this.silent) this.held.push(say);
      else this.follow(nextTurn().then(say));
    }
  }

  /** Resolves when everything that was said has been heard. */
  async quiet(): Promise<void> {
    for (await nextTurn(); this.saying.size > 0; await nextTurn()) await Promise.all(this.saying);
  }

  private follow(said: Promise<unknown>): void {
    this.saying.add(said);
    void said.finally(() => this.saying.delete(said));
  }
}

/** The rental service as it is wired, on a file in a temporary folder; the other services are played. */
export function openRentalApp() {
  const folder = mkdtempSync(join(tmpdir(), 'rental-service-'));
  const clock = new SystemClock();
  const file = ServiceFile.open(join(folder, 'rental.sqlite'), clock);
  const stored = jest.spyOn(file, 'records');

  const participants = new Participants();
  const published: Publication[] = [];
  const alarms: object[] = [];
  const error = (fields: object) => {
    alarms.push(fields);
    if ('err' in fields) console.error(fields);
  };
  const logger = { info: () => undefined, warn: console.warn, error };
  const log = {
    publish: async (messages: readonly Publication[]) => {
      published.push(...messages);
      for (const message of messages) participants.hear(message, (result) => service.operations.handleAgain(result));
    },
    reachable: true,
  } as unknown as MessageLog;
  const service = composeRental(
    {
      clock,
      calendar: new Calendar('Asia/Seoul'),
      timing: DEFAULT_TIMING,
      log,
      parking: {} as Parking,
      logger,
      metrics: new Registry(),
    },
    embeddedRentalStores(file),
  );
  const { name, summary, routes } = service;
  const app = serviceApp(
    { name, version: '0.0.0', summary, routes, health: {}, metrics: [], speakers: ['rental'] },
    { clock, log: logger, checkAnswers: true },
  );
  const records = stored.mock.results[0]!.value as Records<RentalRecord>;

  return {
    app,
    clock,
    participants,
    /** What was logged as an error. */
    alarms,
    /** What was published on a topic. */
    on: (topic: string) => published.filter((message) => message.topic === topic).map(({ headers }) => headers),
    keepKeys: (member: string, keys: readonly string[]) =>
      records.change(member, keys, (record) => {
        const answer = { asked: 'something', answer: refuse('limit-reached') };
        for (const key of keys) record.keep(idempotencyKey(key), answer, clock.now() + KEYS_KEPT_MS);
      }),
    forgetKeys: () => new ForgetKeys(records, clock).execute(),
    close: async () => {
      await participants.quiet();
      await file.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export type RentalApp = ReturnType<typeof openRentalApp>;
