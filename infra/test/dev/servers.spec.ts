import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provideDevServers } from '@library/infra/dev/servers';

const silent = () => undefined;

describe('the servers that a developer works with', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'dev-servers-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** An engine that answers, in which these containers run; `fails` is what it then cannot do. */
  function docker({ running = [], fails = 'nothing' }: { running?: readonly string[]; fails?: string }) {
    const program = join(folder, 'docker');
    const cases = [
      `echo "$@" >> ${folder}/asked`,
      `case "$*" in`,
      `  *'${fails}'*) echo 'no space left' >&2; exit 17;;`,
      `  info*) echo 28.0.1;;`,
      `  *' ps '*) printf '${running.join('\\n')}\\n';;`,
      `esac`,
    ];
    writeFileSync(program, `#!/bin/sh\n${cases.join('\n')}\n`);
    chmodSync(program, 0o755);
    return { environment: { PATH: `${folder}:/usr/bin:/bin` }, asked };
  }
  const asked = () => readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n').slice(1);
  const PS = 'compose ps --services --status running';

  it('are those that the environment names, which are left alone', async () => {
    const environment = { KAFKA_BROKERS: 'kafka:9092', MONGO_URL: 'mongodb://mongo' };
    const servers = await provideDevServers(environment, { docker: true }, silent);

    expect(servers).toMatchObject({ sentence: expect.stringContaining('kafka:9092'), variables: {} });
    await servers.stop();
  });

  it.each([
    [{ KAFKA_BROKERS: 'kafka:9092' }, 'KAFKA_BROKERS is set, and MONGO_URL is not'],
    [{ MONGO_URL: 'mongodb://mongo' }, 'MONGO_URL is set, and KAFKA_BROKERS is not'],
  ])('are not half of each: %j', async (environment, sentence) => {
    await expect(provideDevServers(environment, { docker: true }, silent)).rejects.toThrow(sentence);
  });

  it('are started in containers where an engine answers, and stopped in the end', async () => {
    const { environment } = docker({});
    const servers = await provideDevServers(environment, { docker: true }, silent);
    await servers.stop();

    expect(servers.variables).toEqual({
      KAFKA_BROKERS: 'localhost:9092',
      MONGO_URL: 'mongodb://localhost:27017/?directConnection=true',
    });
    expect(asked()).toEqual([PS, 'compose up --wait kafka mongo', 'compose stop kafka mongo']);
  });

  it('are left as they were when they ran in containers already', async () => {
    const { environment } = docker({ running: ['kafka', 'mongo', 'kafka-ui'] });
    await (await provideDevServers(environment, { docker: true }, silent)).stop();

    expect(asked()).toEqual([PS]);
  });

  it('are told as what keeps them from being started, and nothing is left running', async () => {
    const { environment } = docker({ fails: ' up ' });

    await expect(provideDevServers(environment, { docker: true }, silent)).rejects.toThrow(/no space left/);
    expect(asked()).toEqual([PS, 'compose up --wait kafka mongo', 'compose stop kafka mongo']);
  });
});
