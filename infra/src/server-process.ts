import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { InfraFailure } from './infra-failure';
import { LOG_SETTINGS } from './local-folder';

export type ServerState = 'running' | 'paused' | 'stopped';

const READY_WITHIN_MS = 90_000;
/** How long a server may take to end in order before it is ended. */
const STOP_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 25;

/** A small machine: no parallel collector, nothing mapped for tools that look in. */
const THRIFTY = ['-XX:+UseSerialGC', '-XX:-UsePerfData', '-Xss512k'];
/** Many short runs: no second compiler, which costs more at first than it gains. */
const SHORT_LIVED = '-XX:TieredStopAtLevel=1';

/** How a server is run. */
export interface Running {
  /** Whether it goes on when this process ends. */
  readonly stays?: boolean;
  /** Whether it is to be fast when it has run for a while, as a benchmark's are, instead of soon. */
  readonly isFast?: boolean;
}

/**
 * A Java program that serves, known by a folder of its own: `pid` and `server.log` are there. Any process that knows the
 * folder can signal it, and a stranger that was given the same pid later is never taken for it: the command line names the folder.
 */
export class ServerProcess {
  readonly folder: string;
  readonly log: string;
  private readonly pidFile: string;

  constructor(
    readonly name: string,
    folder: string,
  ) {
    this.folder = resolve(folder);
    this.log = join(this.folder, 'server.log');
    this.pidFile = join(this.folder, 'pid');
  }

  /** Undefined when it does not run. */
  get pid(): number | undefined {
    if (!existsSync(this.pidFile)) return undefined;
    const pid = Number(readFileSync(this.pidFile, 'utf8'));
    return pid > 0 && commandLine(pid).includes(`${this.mark} `) ? pid : undefined;
  }

  get state(): ServerState {
    const { pid } = this;
    if (pid === undefined) return 'stopped';
    return isStopped(pid) ? 'paused' : 'running';
  }

  /**
   * Starts it. Unless it `stays`, it ends with this process, however that ends, `kill -9` included. It is in a process group
   * of its own, so that Ctrl-C reaches its users first.
   */
  async start(java: readonly string[], { stays = false, isFast = false }: Running = {}): Promise<void> {
    if (this.pid !== undefined) {
      throw new InfraFailure(
        `${this.name} runs already in ${this.folder} (pid ${this.pid}): stop it first, or choose another folder.`,
      );
    }
    mkdirSync(this.folder, { recursive: true });
    const log = openSync(this.log, 'a');
    const compilers = isFast ? [] : [SHORT_LIVED];
    const settings = [...THRIFTY, ...compilers, this.mark, `-Dlog4j2.configurationFile=${LOG_SETTINGS}`];
    const child = spawn(javaCommand(), [...settings, ...java], { detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    await spawned(child);
    writeFileSync(this.pidFile, String(child.pid));
    child.unref();
    if (!stays) endWithUs(child);
  }

  /** Resolves when `answers` does; rejects with what the server said when it ends before, or takes too long. */
  async ready(answers: () => Promise<boolean>): Promise<void> {
    const until = Date.now() + READY_WITHIN_MS;
    while (!(await answers().catch(() => false))) {
      if (this.pid === undefined) {
        throw new InfraFailure(
          `${this.name} ended before it was ready. The end of ${this.log} may say why:\n${this.lastLines(15)}`,
        );
      }
      if (Date.now() > until) {
        throw new InfraFailure(
          `${this.name} was not ready after ${READY_WITHIN_MS / 1_000} s. Is the machine busy? See ${this.log}.`,
        );
      }
      await pause(LOOK_EVERY_MS * 4);
    }
  }

  /** Asks it to end, and makes it end when it does not. Resolves when it has ended; at once when it does not run. */
  async stop(): Promise<void> {
    // A paused one would hear of it only when it is resumed.
    this.signal('SIGCONT');
    if (!(await this.endsBy('SIGTERM'))) await this.kill();
  }

  /** `kill -9`: nothing of it runs any more, whatever it was doing. Works on a paused one too. */
  async kill(): Promise<void> {
    if (await this.endsBy('SIGKILL')) rmSync(this.pidFile, { force: true });
    else throw new InfraFailure(`${this.name} (pid ${this.pid}) does not end, not even by SIGKILL.`);
  }

  /** It keeps its connections and answers nothing, until it is resumed. Resolves when it stands still. */
  async pause(): Promise<void> {
    this.signal('SIGSTOP');
    await this.hasLeft('running');
  }

  async resume(): Promise<void> {
    this.signal('SIGCONT');
    await this.hasLeft('paused');
  }

  lastLines(count: number): string {
    if (!existsSync(this.log)) return '';
    return readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  }

  /** Carried on the command line only to be found there, never as its last word. */
  private get mark(): string {
    return `-Dlibrary.infra=${this.folder}`;
  }

  private signal(signal: NodeJS.Signals): void {
    const { pid } = this;
    if (pid === undefined) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      // It has just ended by itself.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  private async endsBy(signal: NodeJS.Signals): Promise<boolean> {
    const { pid } = this;
    if (pid === undefined) return true;
    this.signal(signal);
    const until = Date.now() + STOP_WITHIN_MS;
    while (this.pid !== undefined || isEnding(pid)) {
      if (Date.now() > until) return false;
      await pause(LOOK_EVERY_MS);
    }
    return true;
  }

  /** Signals take effect a little later than they are sent. */
  private async hasLeft(state: ServerState): Promise<void> {
    while (this.state === state) await pause(LOOK_EVERY_MS);
  }
}

/** Runs a Java program to its end, or to ours. */
export function runJava(args: readonly string[]): Promise<void> {
  return new Promise((done, reject) => {
    const child = spawn(javaCommand(), [
      ...THRIFTY,
      SHORT_LIVED,
      `-Dlog4j2.configurationFile=${LOG_SETTINGS}`,
      ...args,
    ]);
    if (child.pid !== undefined) endWithUs(child);
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', (error) => reject(javaIsMissing(error)));
    child.once('close', (code) =>
      code === 0
        ? done()
        : reject(
            new InfraFailure(`java ended with code ${code}; Kafka needs Java 17 or newer. It said:\n${said.trim()}`),
          ),
    );
  });
}

function javaCommand(): string {
  // oxlint-disable-next-line node/no-process-env -- the way every Java program is told which Java to use
  const home = process.env['JAVA_HOME'];
  return home ? join(home, 'bin', 'java') : 'java';
}

function spawned(child: ChildProcess): Promise<void> {
  return new Promise((done, reject) => {
    child.once('spawn', done);
    child.once('error', (error) => reject(javaIsMissing(error)));
  });
}

function javaIsMissing({ message }: Error): InfraFailure {
  return new InfraFailure(
    `Java cannot be started (${message}): install Java 17 or newer (Debian: apt install default-jdk-headless; macOS: brew install openjdk), or set JAVA_HOME.`,
  );
}

/**
 * The child ends with this process, however that ends. A shell waits for the end of a pipe that only this process holds
 * open, and then kills the child. A handler of this process's own end would not run after `kill -9`, nor inside Jest.
 */
export function endWithUs(child: ChildProcess): void {
  const guard = spawn('/bin/sh', ['-c', 'read -r _; kill -9 "$1"', 'sh', String(child.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.once('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  child.once('exit', () => guard.kill('SIGKILL'));
}

/** Empty when there is no such process, or only what is left of one that has ended. */
function commandLine(pid: number): string {
  if (!existsSync('/proc/self/cmdline')) return ps(pid, 'command');
  return readProc(pid, 'cmdline').replaceAll('\0', ' ');
}

function isStopped(pid: number): boolean {
  const state = existsSync('/proc/self/stat') ? readProc(pid, 'stat').split(') ').at(-1) : ps(pid, 'state');
  return state?.startsWith('T') ?? false;
}

/** A process loses its command line first, and moments later its sockets: they are gone with the last of its threads. */
function isEnding(pid: number): boolean {
  const [, state, threads] = /^State:\s+(\S)[^]*^Threads:\s+(\d+)/m.exec(readProc(pid, 'status')) ?? [];
  const hasEnded = state === undefined || (state === 'Z' && threads === '1');
  return !hasEnded && readProc(pid, 'cmdline') === '';
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** For systems without /proc. */
function ps(pid: number, column: string): string {
  return spawnSync('ps', ['-ww', '-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
}
