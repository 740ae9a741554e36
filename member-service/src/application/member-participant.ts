import { isRefusal, refuse } from '@library/shared-kernel/domain/refusal';
import type { Effect } from '@library/shared-kernel/participant/fence';
import { participantOf } from '@library/shared-kernel/participant/participant';
import type { Told } from '@library/shared-kernel/participant/participant';
import type { Archive } from '@library/shared-kernel/store/records';
import type { SagaStep } from '../domain/ledger-entry';
import type { DatedEntry, MemberRecord } from './member-record';

/** The member's part in the sagas: points for renting and returning, and the fee paid from them. */
export function memberParticipant(archive: Archive) {
  return participantOf<MemberRecord>()({
    name: 'member',
    recordOf: ({ idName }) => idName.id,
    parts: {
      RENT: {
        does: (record, { point }, { saga, now }) => {
          if (!record.member) return refuse('member-not-found');
          const rewarded = record.member.reward(point, saga, 'RENT');
          if (isRefusal(rewarded)) return rewarded;
          record.write(rewarded, now);
          return { points: point };
        },
        undoes: (record, effect, _event, told) => takeBack(record, 'RENT', effect, told),
        recalls: (_record, _event, { saga }) => ledgerOf('RENT', saga),
      },
      RETURN: {
        does: (record, { point }, { saga, now }) => {
          const rewarded = record.member?.reward(point, saga, 'RETURN');
          if (!rewarded || isRefusal(rewarded)) return 'nothing';
          record.write(rewarded, now);
          return { points: point };
        },
        undoes: (record, effect, _event, told) => takeBack(record, 'RETURN', effect, told),
        recalls: (_record, _event, { saga }) => ledgerOf('RETURN', saga),
      },
      OVERDUE: {
        does: (record, { point }, { saga, now }) => {
          if (!record.member) return refuse('member-not-found');
          const spent = record.member.spend(point, saga);
          if (isRefusal(spent)) return spent;
          record.write(spent, now);
          return { points: -point };
        },
        undoes: (record, effect, _event, { saga, now }) => {
          if (record.member) record.write(record.member.giveBack(-pointsOf(effect), saga), now);
        },
        recalls: (_record, _event, { saga }) => ledgerOf('OVERDUE', saga),
      },
    },
  });

  /** What the ledger still shows of a saga whose fence has been dropped. */
  async function ledgerOf(step: SagaStep, saga: Told['saga']): Promise<Effect> {
    const done = (await archive.find('ledger', `${saga}:${step}:do`)) as DatedEntry | undefined;
    const undone = await archive.find('ledger', `${saga}:${step}:undo`);
    return done && !undone ? { points: done.points } : 'nothing';
  }
}

function takeBack(
  record: MemberRecord,
  step: 'RENT' | 'RETURN',
  effect: Exclude<Effect, 'nothing'>,
  { saga, now }: Told,
) {
  if (!record.member) return undefined;
  const taken = record.member.takeBack(pointsOf(effect), saga, step);
  if (isRefusal(taken)) return taken;
  record.write(taken, now);
  return undefined;
}

function pointsOf(effect: Exclude<Effect, 'nothing'>): number {
  return Number(effect['points']);
}
