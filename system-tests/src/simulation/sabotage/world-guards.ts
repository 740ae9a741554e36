import { Relay } from '@library/shared-kernel/outbox/relay';
import type { LivingRecord } from '@library/shared-kernel/store/records';
import { MemoryParking } from '@library/shared-kernel/testing/parking.memory';
import { MemoryArchive } from '@library/shared-kernel/testing/records.memory';
import type { Stored } from '@library/shared-kernel/testing/records.memory';
import { ProcessLog } from '../world/process-log';
import { SimulatedStore } from '../world/simulated-store';
import { instead, replace } from '../replace';
import type { Sabotage } from './sabotage';

type Save = (this: SimulatedStore<never>, id: string, stored: Stored, changes: unknown) => boolean;
type Change = (this: Relay<never>, id: string, about: unknown, decide: (record: LivingRecord) => unknown) => unknown;
type Add = (this: MemoryArchive, record: string, entries: readonly { kind: string; id: string }[]) => void;
type Handling = (this: ProcessLog, group: string, handle: unknown) => (batch: unknown) => Promise<void>;

/** What stores, log and relay promise to the services. */
export const WORLD_GUARDS: readonly Sabotage[] = [
  {
    guard: 'version check',
    keeps: 'of two who change a record at once, the second sees what the first one did',
    off: () => saving((stored, before) => ({ ...stored, version: (before?.version ?? 0) + 1 })),
  },
  {
    guard: 'outbox: message with its transition',
    keeps: 'what a change has to say is stored with the change',
    off: () => saving((stored, before) => ({ ...stored, waiting: before?.waiting ?? [] })),
  },
  {
    guard: 'outbox: commit before publishing',
    keeps: 'nothing is published that was not stored',
    off: () =>
      replace(Relay, 'change', (change) => {
        const early: Change = function (id, about, decide) {
          return (change as Change).call(this, id, about, (record) => {
            const answer = decide(record);
            this.offer(id, record.outbox.waiting);
            return answer;
          });
        };
        return early;
      }),
  },
  {
    guard: 'outbox sweeper',
    keeps: 'what a dead process has left is published by another one',
    off: () => instead(Relay, 'sweep', () => Promise.resolve(0)),
  },
  {
    guard: 'offset after commit',
    keeps: 'an offset is committed only when what the messages led to is durable',
    off: () =>
      replace(ProcessLog, 'handling', (handling) => {
        const hasty: Handling = function (group, handle) {
          const handles = (handling as Handling).call(this, group, handle);
          return async (batch) => void handles(batch).catch(() => undefined);
        };
        return hasty;
      }),
  },
  {
    guard: 'parking',
    keeps: 'what cannot be read is set aside, and not dropped',
    off: () => instead(MemoryParking, 'park', () => Promise.resolve()),
  },
  {
    guard: 'unique ledger',
    keeps: 'a ledger entry that arrives twice counts once',
    off: () => {
      let nth = 0;
      return replace(MemoryArchive, 'add', (add) => {
        const again: Add = function (record, entries) {
          const anew = entries.map((entry) =>
            entry.kind === 'ledger' ? { ...entry, id: `${entry.id}~${nth++}` } : entry,
          );
          (add as Add).call(this, record, anew);
        };
        return again;
      });
    },
  },
];

/** Stores something else than what was decided. */
function saving(by: (stored: Stored, before: Stored | undefined) => Stored): () => void {
  return replace(SimulatedStore, 'save', (save) => {
    const otherwise: Save = function (id, stored, changes) {
      return (save as Save).call(this, id, by(stored, this.get(id)), changes);
    };
    return otherwise;
  });
}
