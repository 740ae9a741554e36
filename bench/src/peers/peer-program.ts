import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InfraFailure } from '@library/infra/infra-failure';
import { ServingProcess } from '@library/infra/serving-process';

const PEERS = join(__dirname, '..', '..', 'peers', 'dist');

/** A program of `bench/peers`, in a process of its own. */
export interface PeerProgram {
  /** `http://host:port`. */
  readonly origin: string;
  readonly stop: () => Promise<void>;
}

/** Resolves when it listens. Rejects with a sentence where it cannot run. */
export async function startPeer(program: string, settings: object): Promise<PeerProgram> {
  const file = join(PEERS, `${program}.js`);
  if (!existsSync(file))
    throw new InfraFailure('The peers are not built: npm ci --prefix bench, then npm run bench:peers.');
  const running = ServingProcess.start(program, process.execPath, [
    '--enable-source-maps',
    file,
    JSON.stringify(settings),
  ]);
  return { origin: await running.listens(), stop: async () => void (await running.stop()) };
}
