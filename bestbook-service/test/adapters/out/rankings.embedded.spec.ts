import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { EmbeddedCountsOfAll } from '../../../src/adapters/out/embedded/counts-of-all.embedded';
import { EmbeddedCurrentGeneration } from '../../../src/adapters/out/embedded/current-generation.embedded';
import { rentCountKind } from '../../../src/application/rent-count-kind';
import { describeRankings } from './rankings.contract';

describeRankings('embedded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bestbook-service-'));
  const file = ServiceFile.open(join(folder, 'bestbook.sqlite'), new SystemClock());
  const kind = rentCountKind(1);
  return {
    rents: file.records(kind, { indexes: [['total']] }),
    counts: new EmbeddedCountsOfAll(file, kind.name),
    current: new EmbeddedCurrentGeneration(file),
    caughtUp: async () => undefined,
    close: async () => {
      await file.close();
      rmSync(folder, { recursive: true });
    },
  };
});
