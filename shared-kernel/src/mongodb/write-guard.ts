import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { MongoNetworkError } from 'mongodb';

/** A connection, as version 7.8.0 of the driver has it inside. */
interface Connection extends EventEmitter {
  readonly address: string;
  writeCommand: (this: Connection, ...command: unknown[]) => Promise<void>;
}

const CLOSED = 'close';
const guarded = new WeakSet<object>();

/**
 * Version 7.8.0 of the driver waits until a socket takes more, when a write says that it is full. One that has just ended says
 * so too, and never takes anything again: then whoever has asked waits for ever, past every timeout, and the connection is
 * lost to its pool. From here on a write ends with its connection. Done once, for all clients of this process.
 */
export function endWritesWithTheirConnection(): void {
  const { Connection: connections } = createRequire(__filename)('mongodb/lib/cmap/connection') as {
    readonly Connection?: { readonly prototype: Connection };
  };
  const prototype = connections?.prototype;
  if (typeof prototype?.writeCommand !== 'function')
    throw new TypeError('This version of the MongoDB driver writes elsewhere.');
  if (guarded.has(prototype)) return;
  guarded.add(prototype);

  const { writeCommand } = prototype;
  prototype.writeCommand = async function write(this: Connection, ...command) {
    let end!: () => void;
    const ended = new Promise<never>((_resolve, reject) => {
      end = () => reject(new MongoNetworkError(`The connection to ${this.address} ended while it was written to.`));
    });
    this.once(CLOSED, end);
    try {
      await Promise.race([writeCommand.apply(this, command), ended]);
    } finally {
      this.off(CLOSED, end);
    }
  };
}
