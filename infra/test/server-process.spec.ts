import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerProcess } from '@library/infra/server-process';

describe('a server that is known by its folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'server-process-'));
  const server = new ServerProcess('kafka-1', folder);
  const started: ChildProcess[] = [];

  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A process that is no Java, whose command line carries these words. */
  async function processWith(...words: readonly string[]): Promise<ChildProcess> {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)', '--', ...words, 'last'], {
      stdio: 'ignore',
    });
    started.push(child);
    await new Promise((resolve) => child.once('spawn', resolve));
    writeFileSync(join(folder, 'pid'), String(child.pid));
    return child;
  }

  it('does not run where nothing was ever started, and stopping it does nothing', async () => {
    await server.stop();
    expect(server).toMatchObject({ state: 'stopped', pid: undefined });
  });

  it('is recognised by a command line that names the folder', async () => {
    const child = await processWith(`-Dlibrary.infra=${folder}`);
    expect(server).toMatchObject({ state: 'running', pid: child.pid });

    await server.pause();
    expect(server.state).toBe('paused');
    await server.resume();
    expect(server.state).toBe('running');

    await server.pause();
    await server.stop();
    expect(server.state).toBe('stopped');
  });

  it.each([
    ['another program that was given the pid of one that has ended', []],
    ['a server of another folder whose name begins the same', [`-Dlibrary.infra=${folder}2`]],
  ])('leaves %s alone', async (_, words) => {
    const stranger = await processWith(...words);
    expect(server.state).toBe('stopped');

    await server.stop();
    await server.kill();
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    expect(stranger.kill(0)).toBe(true);
  });

  it('refuses to start twice', async () => {
    await processWith(`-Dlibrary.infra=${folder}`);
    await expect(server.start([], { stays: false })).rejects.toThrow(
      /kafka-1 runs already in .* \(pid \d+\): stop it first/,
    );
  });
});
