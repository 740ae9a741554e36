import { SAGA_TOPICS } from '@library/shared-kernel/contracts/topics';
import { Fault } from '@library/shared-kernel/store/fault';
import type { MemoryBroker } from '@library/shared-kernel/testing/message-log.memory';
import type { Moment } from '../plan/fault-points';
import type { PlannedFault } from '../plan/plan';
import type { Random } from '../random';
import type { Lurking } from './lurking';
import type { Role } from './roles';
import type { SimulatedProcess } from './simulated-process';
import type { VirtualTime } from './virtual-time';

/** The type of messages that nobody can read. */
export const POISON = 'Poison';
/** The broker takes a process for dead that was not heard of for so long. */
const SESSION_MS = 10_000;
const TRY_AGAIN_MS = 500;

/** The faults that happen at a time of their own. */
export class Mishaps {
  private brokerOutages = 0;
  private readonly storeOutages = new Map<Role, number>();
  private isOver = false;

  constructor(
    private readonly lurking: Lurking,
    private readonly time: VirtualTime,
    private readonly broker: MemoryBroker,
    private readonly random: Random,
    private readonly all: () => readonly SimulatedProcess[],
    private readonly anyOf: (role: Role, asker: string) => SimulatedProcess | undefined,
  ) {}

  begin(): void {
    for (const fault of this.lurking.moments) this.time.after(fault.at - this.time.elapsed, () => this.happen(fault));
  }

  /** Whether the service's store is out of reach. */
  isDown(role: Role): boolean {
    return (this.storeOutages.get(role) ?? 0) > 0;
  }

  /** Nothing happens any more, and what has happened is over. */
  async end(): Promise<void> {
    this.isOver = true;
    this.storeOutages.clear();
    this.broker.down = false;
    for (const process of this.all()) {
      process.setClock(0);
      process.mortal.resume();
      process.log.reconnect();
      await this.rejoin(process);
    }
  }

  /** All that the topic holds is appended to it again. */
  replay(topic: string): void {
    this.broker.append(this.broker.messages(topic));
  }

  private happen(fault: PlannedFault & { readonly point: Moment }): void {
    const name = `fault ${fault.index}`;
    const process = this.isOver ? undefined : this.anyOf(fault.role, name);
    if (!process) return;
    this.lurking.strikes(fault);
    const { role, ms = 0, about = this.random.of(name).pick(SAGA_TOPICS) } = fault;
    switch (fault.point) {
      case 'crash':
        return process.mortal.die();
      case 'power-cut':
        for (const each of this.all()) each.mortal.die();
        return;
      case 'pause':
        return this.pause(process, ms);
      case 'clock.jump':
        return process.setClock(ms);
      case 'rebalance':
        process.log.expel();
        return this.later(TRY_AGAIN_MS, () => this.rejoin(process));
      case 'network-cut':
        return this.cutOff(process, ms);
      case 'broker-down':
        return this.breakBroker(ms);
      case 'database-down':
        return this.breakStore(role, ms);
      case 'log.replay':
        return this.replay(about);
      case 'log.more-partitions':
        return this.broker.createTopics([about], this.broker.topic(about).length + 1);
      case 'log.poison':
        return this.poison(about, name);
    }
  }

  private pause(process: SimulatedProcess, ms: number): void {
    process.mortal.pause();
    if (ms > SESSION_MS) this.later(SESSION_MS, () => process.log.expel());
    this.later(ms, () => {
      process.mortal.resume();
      return this.rejoin(process);
    });
  }

  private cutOff(process: SimulatedProcess, ms: number): void {
    process.log.cutOff();
    this.later(ms, () => {
      process.log.reconnect();
      return this.rejoin(process);
    });
  }

  private breakBroker(ms: number): void {
    this.brokerOutages++;
    this.broker.down = true;
    this.later(ms, () => void (this.broker.down = --this.brokerOutages > 0));
  }

  private breakStore(role: Role, ms: number): void {
    const count = (more: number) => this.storeOutages.set(role, (this.storeOutages.get(role) ?? 0) + more);
    count(1);
    this.later(ms, () => void count(-1));
  }

  private poison(topic: string, name: string): void {
    const headers = { ce_type: POISON, ce_id: name };
    this.broker.append([{ topic, key: name, value: Buffer.from('{"idName":'), headers, time: this.time.now() }]);
  }

  /** Takes part again, as soon as the log can be reached. */
  private async rejoin(process: SimulatedProcess): Promise<void> {
    if (process.mortal.dead) return;
    try {
      await process.log.rejoin();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.later(TRY_AGAIN_MS, () => this.rejoin(process));
    }
  }

  /** Does it then, unless all is over: then it was done already. */
  private later(ms: number, work: () => void | Promise<void>): void {
    this.time.after(ms, () => {
      if (!this.isOver) void work();
    });
  }
}
