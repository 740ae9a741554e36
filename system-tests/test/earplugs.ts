import { setTimeout as pause } from 'node:timers/promises';
import type { MessageLog } from '@library/shared-kernel/messaging/message-log';

/** Keep one consumer group from hearing anything until they are taken out. What was said meanwhile, it hears then. */
export class Earplugs {
  private areIn = true;

  constructor(private readonly group: string) {}

  takeOut(): void {
    this.areIn = false;
  }

  putIn(): void {
    this.areIn = true;
  }

  readonly between = (log: MessageLog): MessageLog => ({
    publish: (messages) => log.publish(messages),
    consume: (settings, handle) =>
      log.consume(settings, async (batch) => {
        while (this.areIn && settings.group === this.group) await pause(10);
        return handle(batch);
      }),
    read: (...asked) => log.read(...asked),
    ends: (topic) => log.ends(topic),
    backlog: (...asked) => log.backlog(...asked),
    get reachable() {
      return log.reachable;
    },
  });
}
