import type { MemberId } from '@library/shared-kernel/domain/identifiers';
import { refuse } from '@library/shared-kernel/domain/refusal';
import type { Refusal } from '@library/shared-kernel/domain/refusal';
import type { MemberState } from '../domain/member';
import type { Members } from './ports';

/** Closes a membership: nothing more is rented to it, and what is out may still come back. */
export class CloseMember {
  constructor(private readonly members: Members) {}

  execute(id: MemberId): Promise<MemberState | Refusal<'member-not-found'>> {
    return this.members.change<MemberState | Refusal<'member-not-found'>>(id, [], ({ member }) => {
      if (!member) return refuse('member-not-found');

      member.close();
      return member.snapshot();
    });
  }
}
