import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a folder of fixtures says of itself: one `file: rule` for every comment line `// breaks <rule>` at the top of a
 * file. A file without such a line claims that it breaks nothing. Sorted.
 */
export function claimsOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/^\/\/ breaks (.+)$/gm)].map(
        ([, rule]) => `${file}: ${rule}`,
      ),
    )
    .toSorted();
}
