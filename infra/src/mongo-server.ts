import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { classPath } from './jars';
import { DATA } from './local-folder';
import { assertFree, freePorts, LOCALHOST } from './ports';
import { ServerProcess } from './server-process';
import type { Running } from './server-process';

export interface MongoOptions extends Running {
  /** Where its log is kept; its documents are in memory. */
  readonly folder?: string;
  /** 0, which is the default, takes any free one. */
  readonly port?: number;
}

/**
 * A server that speaks MongoDB's wire protocol and keeps everything in memory: whatever ends it, its documents are gone. So
 * kill what uses it, not the server; where the line to it shall break, put a `TcpProxy` before it. It has no sessions, no
 * transactions, no change streams, no validators, and accepts every write concern.
 */
export class MongoServer {
  readonly server: ServerProcess;
  readonly url: string;

  private constructor(
    folder: string,
    readonly port: number,
    private readonly running: Running,
  ) {
    this.server = new ServerProcess('mongo', join(folder, 'mongo'));
    this.url = `mongodb://${LOCALHOST}:${port}`;
  }

  /** Resolves when it answers a driver's ping. */
  static async start({ folder = DATA, port = 0, ...running }: MongoOptions = {}): Promise<MongoServer> {
    const [free = 0] = await freePorts(1);
    const mongo = new MongoServer(folder, port === 0 ? free : port, running);
    await assertFree(mongo.port);
    await mongo.restart();
    mkdirSync(folder, { recursive: true });
    writeFileSync(record(folder), JSON.stringify({ port: mongo.port }));
    return mongo;
  }

  /** What was last started in this folder, whether it runs or not; undefined when nothing ever was. */
  static recorded(folder: string): MongoServer | undefined {
    if (!existsSync(record(folder))) return undefined;
    const { port } = JSON.parse(readFileSync(record(folder), 'utf8')) as { readonly port: number };
    return new MongoServer(folder, port, { stays: true });
  }

  kill(): Promise<void> {
    return this.server.kill();
  }

  /** On the same port, and empty. */
  async restart(): Promise<void> {
    const jars = await classPath();
    // Who is there to be fast is given more to keep, too, and all of it at once: else what is measured sees it grow.
    const heap = this.running.isFast ? ['-Xms3g', '-Xmx3g'] : ['-Xmx1g'];
    await this.server.start([...heap, '-cp', jars, 'TestMongo', LOCALHOST, String(this.port)], this.running);
    try {
      await this.server.ready(() => answersPing(this.url));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  pause(): Promise<void> {
    return this.server.pause();
  }

  resume(): Promise<void> {
    return this.server.resume();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

/** Resolves with true, or rejects with what the driver says. */
export async function answersPing(url: string, withinMs = 500): Promise<true> {
  const client = new MongoClient(url, {
    serverSelectionTimeoutMS: withinMs,
    connectTimeoutMS: withinMs,
    socketTimeoutMS: 2_000,
  });
  try {
    await client.db('admin').command({ ping: 1 });
    return true;
  } finally {
    await client.close();
  }
}

function record(folder: string): string {
  return join(folder, 'mongo.json');
}
