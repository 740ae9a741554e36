import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { claimsOf } from './fixtures';

interface Report {
  diagnostics: { filename: string; code: string }[];
}

const ROOT = join(__dirname, '..', '..');
const FIXTURES = 'tools/lint-fixtures';

describe('the lint rules', () => {
  it('report each fixture that breaks them, and no other file', () => {
    const oxlint = join(ROOT, 'node_modules', 'oxlint', 'bin', 'oxlint');
    const { stdout } = spawnSync(process.execPath, [oxlint, '--format', 'json', FIXTURES], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const { diagnostics } = JSON.parse(stdout) as Report;

    const reported = diagnostics.map(({ filename, code }) => `${filename.slice(FIXTURES.length + 1)}: ${code}`);
    expect(reported.toSorted()).toEqual(claimsOf(join(ROOT, FIXTURES)));
  });
});
