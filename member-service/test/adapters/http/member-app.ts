import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sagaId } from '@library/shared-kernel/domain/identifiers';
import { isRefusal } from '@library/shared-kernel/domain/refusal';
import { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import { serviceApp } from '@library/shared-kernel/http/service-app';
import { UuidV7 } from '@library/shared-kernel/service/uuid-v7';
import { withChange } from '@library/shared-kernel/store/with-change';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { memberRoutes } from '../../../src/adapters/in/http/member-routes';
import { originalRoutes } from '../../../src/adapters/in/http/original-routes';
import { EmbeddedMemberList } from '../../../src/adapters/out/embedded/member-list.embedded';
import { AdjustPoints } from '../../../src/application/adjust-points';
import { CloseMember } from '../../../src/application/close-member';
import { memberKind } from '../../../src/application/member-kind';
import type { DatedEntry } from '../../../src/application/member-record';
import { RegisterMember } from '../../../src/application/register-member';

/** The routes of the member service over its real use cases, on a file in a temporary folder. */
export function openMemberApp() {
  const folder = mkdtempSync(join(tmpdir(), 'member-service-'));
  const clock = new SystemClock();
  const ids = new UuidV7(clock);
  const file = ServiceFile.open(join(folder, 'member.sqlite'), clock);
  const members = file.records(memberKind);
  const onTheWay = new Map<string, readonly DatedEntry[]>();
  const useCases = {
    members: {
      ...withChange(members, members.change.bind(members)),
      read: async (id: string) => {
        const record = await members.read(id);
        for (const entry of onTheWay.get(id) ?? []) record?.write(entry, entry.at);
        return record;
      },
    },
    list: new EmbeddedMemberList(file),
    ledger: file.archive,
    registerMember: new RegisterMember(members, file.numbers('member'), clock),
    closeMember: new CloseMember(members),
    adjustPoints: new AdjustPoints(members, ids, clock),
  };

  const app = serviceApp(
    {
      name: 'member-service',
      version: '0.0.0',
      summary: 'Members, and the points they earn and spend.',
      routes: [...memberRoutes(useCases), ...originalRoutes(useCases)],
      health: {},
      metrics: [],
      speakers: ['member'],
    },
    { clock, log: { warn: console.warn, error: console.error }, checkAnswers: true },
  );

  return {
    app,
    /** As a rent does it; answers the saga. */
    reward: (member: string, at: number) => {
      const saga = sagaId(ids.next());
      return members.change(member, [], (record) => {
        const entry = record.member?.reward(10, saga, 'RENT');
        if (entry && !isRefusal(entry)) record.write(entry, at);
        return saga;
      });
    },
    /** Shows these in the member's record, as a store does that moves them to the ledger later. */
    keepOnTheWay: (member: string, entries: readonly DatedEntry[]) => onTheWay.set(member, entries),
    /** Everything that is stored, as text. */
    stored: async () =>
      JSON.stringify([
        await file.rows(`SELECT * FROM ${memberKind.name}`),
        await file.rows(`SELECT * FROM ${memberKind.name}_entry`),
        await file.rows('SELECT * FROM archive'),
      ]),
    close: async () => {
      await file.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export const jenny = { id: 'jenny', name: '제니', email: 'scant10@gmail.com' };
