import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { freePorts, LOCALHOST } from './ports';

export type Direction = 'to-server' | 'to-client';

/** What happens to bytes that go in one direction. */
interface Traffic {
  mode: 'pass' | 'hold' | 'swallow';
  delayMs: number;
  bytes: number;
}

/**
 * A line between a client and a server that a test can cut, slow down, or make deaf in one direction. It passes bytes and
 * understands none. It takes connections itself, so also while it holds everything back: only `cut` refuses them.
 */
export class TcpProxy {
  /** Connections that were ever taken. */
  connections = 0;
  private readonly lines = new Set<Line>();
  private readonly traffic: Readonly<Record<Direction, Traffic>> = {
    'to-server': { mode: 'pass', delayMs: 0, bytes: 0 },
    'to-client': { mode: 'pass', delayMs: 0, bytes: 0 },
  };
  private server: Server | undefined;

  private constructor(
    private readonly target: { readonly host: string; readonly port: number },
    readonly port: number,
  ) {}

  /** `port` 0, the default, takes a free one. */
  static async to(host: string, port: number, own: { readonly port?: number } = {}): Promise<TcpProxy> {
    const [free = 0] = await freePorts(1);
    const proxy = new TcpProxy({ host, port }, own.port || free);
    await proxy.listen();
    return proxy;
  }

  /** `host:port`, where clients connect instead. */
  get address(): string {
    return `${LOCALHOST}:${this.port}`;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.lines.size;
  }

  /** Bytes that were passed on. */
  get bytesToServer(): number {
    return this.traffic['to-server'].bytes;
  }

  get bytesToClient(): number {
    return this.traffic['to-client'].bytes;
  }

  /** Ends all connections with a reset and refuses new ones, as when the host is gone. */
  cut(): void {
    this.server?.close();
    this.server = undefined;
    for (const line of this.lines) line.end();
  }

  /** Both directions: whatever comes is passed on so much later. 0 ends it, as does `restore`. */
  delay(ms: number): void {
    for (const traffic of Object.values(this.traffic)) traffic.delayMs = ms;
    for (const line of this.lines) line.pass();
  }

  /** What clients say arrives, and is done; what the server answers is lost: an outcome that nobody knows. */
  swallowAnswers(): void {
    this.traffic['to-client'].mode = 'swallow';
  }

  /** Nothing gets through in this direction until `restore`. What is on its way then is held, not lost. */
  partition(direction: Direction): void {
    this.traffic[direction].mode = 'hold';
  }

  /**
   * As it was in the beginning. What was held back arrives now. Connections that have missed an answer are ended: what
   * comes next on them would be taken for that answer.
   */
  async restore(): Promise<void> {
    for (const traffic of Object.values(this.traffic)) {
      traffic.mode = 'pass';
      traffic.delayMs = 0;
    }
    for (const line of this.lines) line.restore();
    if (this.server === undefined) await this.listen();
  }

  /** For good. */
  async close(): Promise<void> {
    const { server } = this;
    this.cut();
    if (server?.listening) await new Promise((resolve) => server.once('close', resolve));
  }

  private listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => this.take(client));
      server.once('error', reject);
      server.listen(this.port, LOCALHOST, resolve);
      this.server = server;
    });
  }

  private take(client: Socket): void {
    this.connections++;
    const server = connect({ ...this.target, noDelay: true, allowHalfOpen: true });
    const line = new Line(client, server, this.traffic, () => this.lines.delete(line));
    this.lines.add(line);
  }
}

/** One client's connection, and the one to the server that was made for it. */
class Line {
  private readonly lanes: readonly Lane[];

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    traffic: Readonly<Record<Direction, Traffic>>,
    ended: () => void,
  ) {
    this.lanes = [new Lane(client, server, traffic['to-server']), new Lane(server, client, traffic['to-client'])];
    for (const socket of [client, server]) {
      // Every error is followed by `close`, and so is an end that both sides have said.
      socket.on('error', () => this.end());
    }
    let open = 2;
    for (const socket of [client, server]) {
      socket.once('close', () => {
        open--;
        if (open === 0) ended();
      });
    }
  }

  end(): void {
    for (const lane of this.lanes) lane.stop();
    // A server that is not there has no connection that could be reset.
    for (const socket of [this.client, this.server]) {
      if (socket.connecting || socket.destroyed) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  /** Passes on what nothing holds back any more. */
  pass(): void {
    for (const lane of this.lanes) lane.pass();
  }

  restore(): void {
    if (this.lanes.some(({ hasLost }) => hasLost)) this.end();
    else this.pass();
  }
}

/** One direction of one connection: bytes in their order, and the end after them. */
class Lane {
  hasLost = false;
  private readonly waiting: { readonly bytes: Buffer | 'end'; readonly due: number }[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly traffic: Traffic,
  ) {
    from.on('data', (bytes) => this.take(bytes));
    from.once('end', () => this.take('end'));
    to.on('drain', () => this.pass());
  }

  /** Passes on what is due, and comes back for the rest. */
  pass(): void {
    clearTimeout(this.timer);
    if (this.traffic.mode === 'hold') return;
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      const wait = this.traffic.delayMs === 0 ? 0 : next.due - performance.now();
      if (wait > 0) {
        this.timer = setTimeout(() => this.pass(), Math.ceil(wait));
        return;
      }
      this.waiting.shift();
      if (!this.give(next.bytes)) return;
    }
    this.from.resume();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.waiting.length = 0;
  }

  private take(bytes: Buffer | 'end'): void {
    this.waiting.push({ bytes, due: performance.now() + this.traffic.delayMs });
    // The sender's own buffers fill up, as they do on a line that is broken or slow.
    if (this.traffic.mode === 'hold') this.from.pause();
    else this.pass();
  }

  /** False when the receiver wants no more for now. */
  private give(bytes: Buffer | 'end'): boolean {
    if (bytes === 'end') {
      this.to.end();
      return true;
    }
    if (this.traffic.mode === 'swallow') {
      this.hasLost = true;
      return true;
    }
    this.traffic.bytes += bytes.length;
    const goesOn = this.to.write(bytes);
    if (!goesOn) this.from.pause();
    return goesOn;
  }
}
