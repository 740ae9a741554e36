import type { MemberId } from '@library/shared-kernel/domain/identifiers';
import { refuse } from '@library/shared-kernel/domain/refusal';
import type { Refusal } from '@library/shared-kernel/domain/refusal';
import type { Keyed, KeyReused } from '@library/shared-kernel/store/kept-answer';
import type { Clock } from '@library/shared-kernel/time/clock';
import { aboutKey, answerOnce } from './answer-once';
import type { DatedEntry } from './member-record';
import type { AdjustmentIds, Members } from './ports';

type Adjusted = { readonly points: number; readonly entry: DatedEntry } | Refusal<'member-not-found'>;

/** Adds points by hand, for a reason and by somebody; they are never taken away by hand. */
export class AdjustPoints {
  constructor(
    private readonly members: Members,
    private readonly ids: AdjustmentIds,
    private readonly clock: Clock,
  ) {}

  execute(
    id: MemberId,
    { points, reason, actor }: { readonly points: number; readonly reason: string; readonly actor: string },
    request: Keyed,
  ) {
    const entryId = this.ids.next();
    const at = this.clock.now();

    return this.members.change<Adjusted | KeyReused>(id, aboutKey(request), (record) =>
      answerOnce<Adjusted>(record, request, at, () => {
        const { member } = record;
        if (!member) return refuse('member-not-found');

        const entry = member.adjust(points, reason, actor, entryId);
        record.write(entry, at);
        return { points: member.snapshot().points, entry: { ...entry, at } };
      }),
    );
  }
}
