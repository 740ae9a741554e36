import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPinned, PORTS } from './compose-rules';

const ROOT = join(__dirname, '..', '..');
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');

describe('the Dockerfile', () => {
  // A line that ends with a backslash goes on.
  const lines = textOf('Dockerfile')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');
  const instructions = lines.filter((line) => /^[A-Z]/.test(line));
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
  const copied = instructions
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(' ').slice(1, -1));

  it('begins with pinned images, of a Node that runs all of it', () => {
    const stages = instructions.flatMap((line) => / AS (\S+)/.exec(line)?.[1] ?? []);
    const from = instructions
      .flatMap((line) => /^FROM (\S+)/.exec(line)?.[1] ?? [])
      .filter((one) => !stages.includes(one));

    expect(from).not.toHaveLength(0);
    expect(from.filter((image) => !isPinned(image))).toEqual([]);
    expect(from.filter((image) => !(Number(/^node:(\d+)\./.exec(image)?.[1]) >= 24))).toEqual([]);
  });

  it('ends with a process of its own, not root’s, which takes signals and can be asked how it is', () => {
    expect(last).toContain('USER node');
    expect(last).toContain('STOPSIGNAL SIGTERM');
    expect(last).toContainEqual(expect.stringMatching(/^HEALTHCHECK .*CMD \["node", .*\/health\/live/));
    expect(last.at(-1)).toBe('CMD ["node", "--enable-source-maps", "dist/main.js"]');
    expect(last.findIndex((line) => line === 'USER node')).toBeGreaterThan(
      last.findLastIndex((line) => /^(COPY|RUN) /.test(line)),
    );
  });

  it('installs what the lock file says, without running anything of it, and carries no secret', () => {
    const installs = instructions.filter((line) => /\bnpm (ci|i|install)\b/.test(line));

    expect(installs).not.toHaveLength(0);
    expect(installs.filter((line) => !line.startsWith('RUN npm ci --ignore-scripts'))).toEqual([]);
    expect(instructions.filter((line) => /^(ARG|ENV) .*(PASSWORD|SECRET|TOKEN)/i.test(line))).toEqual([]);
  });

  it('brings the manifest of every workspace, and each of the services', () => {
    const { workspaces } = JSON.parse(textOf('package.json')) as { workspaces: string[] };

    expect(copied).toEqual(expect.arrayContaining(workspaces.map((workspace) => `${workspace}/package.json`)));
    expect(copied).toEqual(expect.arrayContaining(Object.keys(PORTS)));
  });

  it('is sent what it copies, and neither what was built here nor what is private', () => {
    const ignored = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));

    expect(ignored[0]).toBe('*');
    for (const path of copied) expect(ignored).toContain(`!${path.split('/')[0]}`);
    for (const pattern of ['**/node_modules', '**/dist', '**/.env*']) {
      expect(ignored.lastIndexOf(pattern)).toBeGreaterThan(ignored.indexOf('!system-tests'));
    }
  });
});
