import type { LogMessage } from '../messaging/message-log';

/** What the names of a library's topics and groups begin with at the brokers, so that several libraries share them. */
export class Prefix {
  constructor(private readonly text = '') {}

  /** As the brokers know it. */
  add<Named extends { readonly topic: string }>(named: Named): Named {
    return this.text === '' ? named : { ...named, topic: this.to(named.topic) };
  }

  to(name: string): string {
    return this.text + name;
  }

  toAll(names: readonly string[]): readonly string[] {
    return names.map((name) => this.to(name));
  }

  /** As it is known here. */
  takeOff<Named extends Pick<LogMessage, 'topic'>>(named: Named): Named {
    return this.text === '' ? named : { ...named, topic: named.topic.slice(this.text.length) };
  }
}
