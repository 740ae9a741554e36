import type { LogMessage } from '@library/shared-kernel/messaging/message-log';
import type { Outcome } from '@library/shared-kernel/messaging/reaction';
import type { SagaTiming } from '@library/shared-kernel/saga/timing';
import type { Logger } from '@library/shared-kernel/service/logger';
import type { World } from '@library/shared-kernel/service/world';
import { Fault } from '@library/shared-kernel/store/fault';
import type { Calendar } from '@library/shared-kernel/time/calendar';
import type { MemoryBroker } from '@library/shared-kernel/testing/message-log.memory';
import type { MemoryLeaseBoard } from '@library/shared-kernel/testing/lease.memory';
import type { MemoryParking } from '@library/shared-kernel/testing/parking.memory';
import { Registry } from 'prom-client';
import type { Random } from '../random';
import type { Mortal } from './mortal';
import { ProcessLog } from './process-log';
import type { LogWitness } from './process-log';
import { processRecords } from './process-records';
import type { Role } from './roles';
import type { Stores } from './stores';
import type { VirtualTime } from './virtual-time';
import { wire } from './wiring';
import type { UseCases, Wired } from './wiring';

/** What all processes share. */
export interface Surroundings {
  readonly time: VirtualTime;
  readonly calendar: Calendar;
  readonly timing: SagaTiming;
  readonly broker: MemoryBroker;
  readonly parking: MemoryParking;
  readonly leases: MemoryLeaseBoard;
  readonly stores: Stores;
  readonly logger: Logger;
  readonly witness: LogWitness;
  isDown(role: Role): boolean;
}

/** One process of a service: the real service, as it is wired everywhere, in a world that can fail. */
export class SimulatedProcess<Name extends Role = Role> {
  readonly log: ProcessLog;
  readonly useCases: UseCases[Name];
  private readonly work: Wired['work'];
  /** By how much its clock is wrong. */
  private skewMs = 0;

  constructor(
    readonly role: Name,
    readonly mortal: Mortal,
    surroundings: Surroundings,
    random: Random,
  ) {
    const { stores, broker, witness } = surroundings;
    this.log = new ProcessLog(broker, mortal, witness);
    const own = wire(role, this.world(surroundings, random), stores, (store) =>
      processRecords(store, mortal, () => surroundings.isDown(role)),
    );
    this.useCases = own.useCases;
    this.work = own.work;
  }

  /** One that cannot begin, because the world fails it, dies of it; another one will try. */
  async start(): Promise<void> {
    try {
      await this.work.start();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.mortal.die();
    }
  }

  /** Handles a parked message again; rejects with what parks it. */
  handleAgain(message: LogMessage): Promise<Outcome> {
    return this.work.operations.handleAgain(message);
  }

  setClock(skewMs: number): void {
    this.skewMs = skewMs;
  }

  private world(surroundings: Surroundings, random: Random): World {
    const { mortal } = this;
    const { time, calendar, timing, parking, leases, logger } = surroundings;
    const own = leases.open();
    return {
      clock: { now: () => time.now() + this.skewMs, after: (ms, wake) => mortal.after(ms, wake) },
      calendar,
      timing,
      log: this.log,
      parking: {
        park: (...asked) => mortal.lives(() => parking.park(...asked)),
        find: (id) => mortal.lives(() => parking.find(id)),
        list: (filter) => mortal.lives(() => parking.list(filter)),
        note: (...asked) => mortal.lives(() => parking.note(...asked)),
      },
      leases: {
        take: (name, forMs) => mortal.lives(() => own.take(name, forMs)),
        giveUp: (name) => mortal.lives(() => own.giveUp(name)),
      },
      logger,
      metrics: new Registry(),
      randomness: random.fill,
    };
  }
}
