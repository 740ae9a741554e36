import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InfraFailure } from '@library/infra/infra-failure';
import { freePorts, LOCALHOST } from '@library/infra/ports';
import { ServingProcess } from '@library/infra/serving-process';
import { Client } from '@library/system-tests/client';

/** As npm installs it for this machine. The launcher beside it would outlive or orphan the server it starts. */
const PACKAGE = `restate-server-${process.platform}-${process.arch}`;
const BINARY = join(__dirname, '..', '..', 'node_modules', '@restatedev', PACKAGE, 'bin', 'restate-server');

/** A single node with its defaults for durability: its log is written with `fsync`. */
export class RestateServer {
  private constructor(
    /** Where services are called: `http://host:port`. */
    readonly ingress: string,
    private readonly admin: Client,
    private readonly server: ServingProcess,
  ) {}

  /** `partitions` share its work, each with a log of its own. */
  static async start(folder: string, partitions: number): Promise<RestateServer> {
    if (!existsSync(BINARY)) throw new InfraFailure('Restate is not installed: npm ci --prefix bench.');
    mkdirSync(folder);
    const [ingress, admin, node] = await freePorts(3);
    const config = join(folder, 'restate.toml');
    writeFileSync(config, settings(folder, partitions, [ingress!, admin!, node!]));
    const server = ServingProcess.start('Restate', BINARY, ['--config-file', config, '--no-logo']);
    const client = new Client(`http://${LOCALHOST}:${admin}`, 1);
    const restate = new RestateServer(`http://${LOCALHOST}:${ingress}`, client, server);
    try {
      await server.until(async () => ((await answers(client, '/health')) ? true : undefined));
      return restate;
    } catch (error) {
      await restate.stop();
      throw error;
    }
  }

  /** Makes the services at this address callable. */
  async register(uri: string): Promise<void> {
    const { status, body } = await this.admin.post('/deployments', { uri });
    if (status !== 201) throw new InfraFailure(`Restate refused its service: ${status} ${JSON.stringify(body)}`);
  }

  async stop(): Promise<void> {
    this.admin.close();
    await this.server.stop();
  }
}

function settings(
  folder: string,
  partitions: number,
  [ingress, admin, node]: readonly [number, number, number],
): string {
  return `
node-name = "bench"
base-dir = "${join(folder, 'data')}"
listen-mode = "tcp"
bind-ip = "${LOCALHOST}"
bind-port = ${node}
default-num-partitions = ${partitions}
disable-telemetry = true
log-filter = "error"
[ingress]
bind-port = ${ingress}
[admin]
bind-port = ${admin}
disable-web-ui = true
`;
}

async function answers(client: Client, path: string): Promise<boolean> {
  try {
    return (await client.get(path)).status === 200;
  } catch {
    return false;
  }
}
