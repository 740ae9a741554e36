import { Gateway } from '@library/infra/gateway';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KINDS } from '@library/shared-kernel/http/problem-kinds';
import { VERSION } from '@library/shared-kernel/service/version';
import { inCommands } from '@library/standalone/cli/library-api';
import { VERBS } from '@library/standalone/cli/verbs';
import { widthOf } from '@library/standalone/cli/display';
import { atTheTerminal } from './at-the-terminal';

// A library takes its time to open on a busy machine.
jest.setTimeout(30_000);

/** Nobody listens on port 2. */
const NOBODY = ['--url', 'http://127.0.0.1:2'];

describe('the command line', () => {
  it('says what happened, why, and what to do when nothing answers', async () => {
    expect(await atTheTerminal(['clock', ...NOBODY])).toMatchObject({
      exit: 5,
      out: '',
      err: 'Nothing answers at http://127.0.0.1:2. Start the library with `npm start`, or name another address with --url.\n',
    });
    expect((await atTheTerminal(['card', 'jenny', '--json', ...NOBODY])).json).toMatchObject({ error: { exit: 5 } });
  });

  it('says so when what answers is not the library', async () => {
    const other = createServer((_request, response) => void response.end('<html>'));
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const ended = await atTheTerminal(['clock', '--url', `127.0.0.1:${port}`]);
    other.close();

    expect(ended).toMatchObject({
      exit: 1,
      err: `http://127.0.0.1:${port} answers, but not as the library does. Name another address with --url.\n`,
    });
  });

  it.each([
    ['verify', 'MODE=distributed KAFKA_BROKERS=… MONGO_URL=… npx library verify'],
    ['parked ls', '--url http://localhost:8081'],
    ['parked release --all --reason x', '--url http://localhost:8081'],
    ['outbox ls', '--url http://localhost:8081'],
    ['outbox events', '--url http://localhost:8081'],
    ['saga trace x', 'library outbox events --saga <id>'],
    ['topics', 'only an embedded library'],
    ['clock', 'only an embedded library'],
    ['doctor', 'only an embedded library'],
    ['backup /no/such/folder', 'only an embedded library'],
  ])('says of %s where to turn with a distributed library', async (line, where) => {
    const gateway = await Gateway.start(() => []);
    const { origin } = gateway;
    const ended = await atTheTerminal([...line.split(' '), '--url', origin]);
    await gateway.stop();

    expect(ended).toMatchObject({ exit: 5, out: '' });
    expect(ended.err).toContain(`${origin} does not do this: `);
    expect(ended.err).toContain(where);
  });

  it('explains itself, all of it, a family, or one command', async () => {
    const all = await atTheTerminal([]);
    expect(all.exit).toBe(0);
    for (const { name } of VERBS) expect(all.out).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));

    expect((await atTheTerminal(['parked', '--help'])).out.match(/^ {2}parked /gm)).toHaveLength(5);
    expect((await atTheTerminal(['help', 'saga', 'watch'])).out).toMatch(
      /^library saga watch <id>\n\nFollow a saga until it ends\./,
    );
    expect((await atTheTerminal(['rent', '--help'])).out).toContain('--wait SECONDS');
    expect(await atTheTerminal(['help', 'retn'])).toMatchObject({
      exit: 2,
      err: 'There is no `library retn`. Did you mean `library rent`?\n',
    });
  });

  it('explains every command in one sentence, and every option', () => {
    for (const { says, options = {} } of VERBS) {
      expect(says).toMatch(/^[A-Z].*\.$/);
      for (const option of Object.values(options)) expect(option.says).toMatch(/\.$/);
    }
  });

  it('ends with 2 when it is not understood, with a suggestion where there is one', async () => {
    expect(await atTheTerminal(['verfy'])).toMatchObject({
      exit: 2,
      out: '',
      err: 'There is no `library verfy`. Did you mean `library verify`?\n',
    });
    expect((await atTheTerminal(['verfy', '--json'])).json).toMatchObject({ error: { exit: 2 } });
  });

  it('takes its address and its folder from the environment, and refuses one that cannot be used', async () => {
    expect(await atTheTerminal(['clock'], { variables: { HTTP_HOST: '0.0.0.0', HTTP_PORT: '2' } })).toMatchObject({
      exit: 5,
      err: expect.stringContaining('http://127.0.0.1:2.'),
    });
    expect(await atTheTerminal(['clock'], { variables: { HTTP_PORT: 'many' } })).toMatchObject({
      exit: 2,
      err: expect.stringContaining('HTTP_PORT="many"'),
    });
  });

  it.each(['no address', 'http://127.0.0.1:2/foo', 'http://127.0.0.1:2/?x', 'minji@127.0.0.1:2', 'ftp://127.0.0.1'])(
    'takes %s for no address',
    async (url) => {
      expect(await atTheTerminal(['clock', '--url', url])).toMatchObject({
        exit: 2,
        err: `--url ${url} is no address: it looks like http://127.0.0.1:8080, without a path.\n`,
      });
    },
  );

  it('names the release', async () => {
    expect(await atTheTerminal(['--version'])).toMatchObject({ exit: 0, out: `${VERSION}\n` });
    expect((await atTheTerminal(['--version', '--json'])).json).toStrictEqual({ version: VERSION });
  });

  it('advises in commands, not in requests', () => {
    const refusals = Object.values(KINDS).map(({ detail }) => inCommands(detail));

    expect(inCommands(KINDS['member-not-found'].detail)).toContain('`library member add`');
    expect(refusals.filter((said) => /POST \/|under \/|`errors`|This Idempotency-Key/.test(said))).toStrictEqual([]);
  });

  it('uses colours on a terminal only, and never in JSON', async () => {
    expect((await atTheTerminal(['env'], { isColoured: true })).out).toContain('\u001b[');
    expect((await atTheTerminal(['env'])).out).not.toContain('\u001b[');
    expect((await atTheTerminal(['env', '--json'], { isColoured: true })).out).not.toContain('\u001b[');
  });
});

describe('the environment at the terminal', () => {
  it('is listed with its defaults and with what is set, whatever that is', async () => {
    const listed = await atTheTerminal(['env', '--json'], { variables: { HTTP_PORT: 'many' } });

    expect(listed.exit).toBe(0);
    expect(listed.json).toContainEqual(expect.objectContaining({ name: 'HTTP_PORT', default: '8080', set: 'many' }));
    expect(listed.json).toContainEqual(expect.objectContaining({ name: 'DATA_DIR', default: './data' }));
  });
});

describe('scenarios at the terminal', () => {
  it('are listed', async () => {
    const { json } = await atTheTerminal(['scenario', 'ls', '--json']);

    expect(json).toContainEqual(expect.objectContaining({ id: 'rent-and-return' }));
  });

  it('are told as a story, which ends well', async () => {
    const told = await atTheTerminal(['scenario', 'run', 'another-has-it']);

    expect(told).toMatchObject({ exit: 0, err: '' });
    expect(told.out).toMatch(/^→ /m);
    expect(told.out).toMatch(/^✓ In the end all \d+ invariants hold/m);
    expect(widthOf(told.out.split('\n')[0]!)).toBeGreaterThan(0);
  });

  it('are told as JSON', async () => {
    const { json } = await atTheTerminal(['scenario', 'run', 'rent-and-return', '--json']);

    expect(json).toMatchObject([{ id: 'rent-and-return', ok: true, report: { ok: true } }]);
    expect(json[0].lines[0]).toMatchObject({ part: 'scene' });
  });

  it('have to be named, one or all', async () => {
    expect(await atTheTerminal(['scenario', 'run'])).toMatchObject({ exit: 2 });
    expect(await atTheTerminal(['scenario', 'run', 'poison', '--all'])).toMatchObject({ exit: 2 });
    expect(await atTheTerminal(['scenario', 'run', 'poisn'])).toMatchObject({
      exit: 3,
      err: 'There is no scenario "poisn". Did you mean poison?\n',
    });
  });
});
