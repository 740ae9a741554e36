import { setTimeout as pause } from 'node:timers/promises';
import type { MessageLog } from '@library/shared-kernel/messaging/message-log';

/** Keeps a process from publishing anything until it is taken off. What it had to say meanwhile, it says then. */
export class Muzzle {
  private isOn = true;

  takeOff(): void {
    this.isOn = false;
  }

  readonly between = (log: MessageLog): MessageLog =>
    Object.assign(Object.create(log) as MessageLog, {
      publish: async (...asked: Parameters<MessageLog['publish']>) => {
        while (this.isOn) await pause(10);
        return log.publish(...asked);
      },
    });
}
