import { isAbsolute, normalize } from 'node:path';
import { textSchema } from '@library/shared-kernel/contracts/bodies';
import { problem } from '@library/shared-kernel/http/problem';
import { route, type Route } from '@library/shared-kernel/http/routes';
import { z } from 'zod';
import { FolderNotEmpty, FolderWithin, type Snapshot } from './snapshot';

const snapshotSchema = z
  .object({
    folder: z.string(),
    files: z.array(z.object({ name: z.string(), bytes: z.int() })),
  })
  .meta({ id: 'Snapshot', description: 'A copy of the data folder, as it was at one moment.' });

/** What the system says of a folder that cannot be made or written, in sentences. */
const WHY_NOT: Readonly<Record<string, string>> = {
  ENOENT: 'There can be no such folder.',
  ENOTDIR: 'A part of the path is not a folder.',
  ENAMETOOLONG: 'The path is too long.',
  EACCES: 'The folder may not be written.',
  EPERM: 'The folder may not be written.',
  EROFS: 'The folder is on a disk that is read-only.',
};

/** Copying all data while the library is open. */
export function backupRoutes(take: (folder: string) => Promise<Snapshot>): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/ops/backups',
      summary: 'Copy the data folder, as it is at this moment, into a new folder',
      description:
        'While it copies, nothing else is answered. The copy is a data folder itself: start the library with DATA_DIR set to it.',
      body: z.object({
        folder: textSchema(1_000).meta({
          description: 'A folder on this machine that is new or empty.',
          examples: ['/var/backups/library-1'],
        }),
      }),
      answers: { 201: { description: 'The copy is complete, and on the disk.', schema: snapshotSchema } },
      problems: ['invalid-input'],
      handle: async ({ body: { folder } }) => {
        if (!isAbsolute(folder) || folder !== normalize(folder)) {
          return problem('invalid-input', {
            detail: `"${folder}" is not a whole path: name the folder from / on, without "..".`,
          });
        }
        try {
          return { status: 201, body: snapshotShape(await take(folder)) };
        } catch (error) {
          const why =
            error instanceof FolderNotEmpty || error instanceof FolderWithin
              ? error.message
              : WHY_NOT[(error as NodeJS.ErrnoException).code ?? ''];
          if (why === undefined) throw error;
          return problem('invalid-input', {
            detail: `${why} Name a new one.`,
            errors: [{ path: 'body.folder', message: why }],
          });
        }
      },
    }),
  ];
}

function snapshotShape({ folder, files }: Snapshot): z.input<typeof snapshotSchema> {
  return { folder, files: [...files] };
}
