import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { EmbeddedMemberList } from '../../../src/adapters/out/embedded/member-list.embedded';
import { memberKind } from '../../../src/application/member-kind';
import { describeMemberList } from './member-list.contract';

describeMemberList('embedded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'member-service-'));
  const file = ServiceFile.open(join(folder, 'member.sqlite'), new SystemClock());
  return {
    members: file.records(memberKind, { indexes: [['no']] }),
    list: new EmbeddedMemberList(file),
    close: async () => {
      await file.close();
      rmSync(folder, { recursive: true });
    },
  };
});
