import type { MemberId } from '@library/shared-kernel/domain/identifiers';
import { refuse } from '@library/shared-kernel/domain/refusal';
import type { Refusal } from '@library/shared-kernel/domain/refusal';
import type { Keyed, KeyReused } from '@library/shared-kernel/store/kept-answer';
import type { Numbers } from '@library/shared-kernel/store/records';
import type { Clock } from '@library/shared-kernel/time/clock';
import { Member } from '../domain/member';
import type { MemberState } from '../domain/member';
import { aboutKey, answerOnce } from './answer-once';
import type { Members } from './ports';

type Registered = MemberState | Refusal<'member-already-exists'>;

/** Registers a member under an id that nobody else has. */
export class RegisterMember {
  constructor(
    private readonly members: Members,
    private readonly numbers: Numbers,
    private readonly clock: Clock,
  ) {}

  async execute(id: MemberId, name: string, email: string, request: Keyed): Promise<Registered | KeyReused> {
    const misuse = await this.tie(request);
    if (misuse) return misuse;
    const no = await this.numberUnlessTaken(id);
    const now = this.clock.now();

    return this.members.change<Registered | KeyReused>(id, aboutKey(request), (record) =>
      answerOnce<Registered>(record, request, now, () => {
        if (record.member) return refuse('member-already-exists');

        const member = Member.register(id, no, name, email);
        record.register(member);
        return member.snapshot();
      }),
    );
  }

  /** A key is tied to its request in a record of its own: with another id it would be looked for on another member's. */
  private async tie(request: Keyed): Promise<KeyReused | undefined> {
    const [entry] = aboutKey(request);
    if (entry === undefined) return undefined;
    const now = this.clock.now();
    const tied = await this.members.change<'tied' | KeyReused>(entry, [entry], (record) =>
      answerOnce(record, request, now, () => 'tied'),
    );
    return tied === 'tied' ? undefined : tied;
  }

  /** An id that is taken costs no number. */
  private async numberUnlessTaken(id: MemberId): Promise<number> {
    const known = (await this.members.read(id))?.member;
    return known ? known.snapshot().no : this.numbers.next();
  }
}
