import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InfraFailure } from '@library/infra/infra-failure';
import { freePorts, LOCALHOST } from '@library/infra/ports';
import { ServingProcess } from '@library/infra/serving-process';

/** Where Debian and Ubuntu keep what is not for everybody's PATH. */
const DEBIAN = '/usr/lib/postgresql';
const OWNER = 'bench';

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL as it is installed, on a folder of its own. What it commits survives a loss of power. */
export class PostgresServer {
  private constructor(
    readonly version: string,
    private readonly tools: string,
    private readonly port: number,
    private readonly folder: string,
    private readonly server: ServingProcess,
  ) {}

  /** Rejects with a sentence where there is none. */
  static async start(parent: string): Promise<PostgresServer> {
    const { tools, version } = installed();
    const [port] = await freePorts(1);
    const user = whoMayServe();
    const folder = mkdtempSync(join(parent, 'library-bench-postgres-'));
    if (user !== undefined) chownSync(folder, user.uid, user.gid);
    const data = join(folder, 'data');
    succeed(
      join(tools, 'initdb'),
      ['-D', data, '-U', OWNER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
      user,
    );

    const changed = [
      `listen_addresses=${LOCALHOST}`,
      'unix_socket_directories=',
      'fsync=on',
      'synchronous_commit=on',
      'max_connections=200',
      'shared_buffers=256MB',
    ];
    const server = ServingProcess.start(
      'PostgreSQL',
      join(tools, 'postgres'),
      ['-D', data, '-p', String(port), ...changed.flatMap((setting) => ['-c', setting])],
      { ...user },
    );
    const postgres = new PostgresServer(version, tools, port!, folder, server);
    try {
      await server.until(() =>
        spawnSync(join(tools, 'pg_isready'), postgres.address).status === 0 ? true : undefined,
      );
      return postgres;
    } catch (error) {
      await postgres.stop();
      throw error;
    }
  }

  /** A new and empty one; answers its address. */
  createDatabase(name: string): string {
    succeed(join(this.tools, 'createdb'), [...this.address, name]);
    return `postgresql://${OWNER}@${LOCALHOST}:${this.port}/${name}`;
  }

  /** Whoever is connected is cut off. */
  async stop(): Promise<void> {
    await this.server.stop('SIGINT');
    rmSync(this.folder, { recursive: true });
  }

  private get address(): string[] {
    return ['-h', LOCALHOST, '-p', String(this.port), '-U', OWNER];
  }
}

/** On the PATH, or else the newest of Debian's. */
function installed() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((one, other) => Number(other) - Number(one)) : [];
  for (const tools of ['', ...versions.map((version) => join(DEBIAN, version, 'bin'))]) {
    const { status, stdout } = spawnSync(join(tools, 'initdb'), ['--version'], { encoding: 'utf8' });
    if (status === 0) return { tools, version: stdout.replace(/^initdb \(PostgreSQL\) /, '').trim() };
  }
  throw new InfraFailure('PostgreSQL is not installed: apt install postgresql, or brew install postgresql.');
}

/** PostgreSQL refuses to run as root. Its package brings a user; `nobody` serves as well. Undefined: as ourselves. */
function whoMayServe(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((which) =>
      Number(spawnSync('id', [which, name], { encoding: 'utf8' }).stdout || NaN),
    );
    if (uid! > 0 && gid! > 0) return { uid: uid!, gid: gid! };
  }
  throw new InfraFailure('PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as.');
}

function succeed(command: string, args: readonly string[], user?: User): void {
  const { status, stderr, error } = spawnSync(command, args, { ...user, encoding: 'utf8' });
  if (status !== 0) throw new InfraFailure(`${command} failed: ${error?.message ?? stderr.trim()}`);
}
