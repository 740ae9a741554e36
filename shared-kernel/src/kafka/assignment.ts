import { AssignerProtocol } from 'kafkajs';
import type { JoinedGroup } from './protocol';

const VERSION = 0;

/** Partitions by topic. */
export type Assignment = Readonly<Record<string, readonly number[]>>;

/** The name under which members agree on this way of sharing. */
export const SHARING = 'roundrobin';

export function subscriptionTo(topics: readonly string[]): Buffer {
  return AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics: [...topics], userData: Buffer.alloc(0) });
}

export function assignmentIn(bytes: Buffer): Assignment {
  return AssignerProtocol.MemberAssignment.decode(bytes)?.assignment ?? {};
}

/** Whatever any of them wants to hear: during a rolling release one may know a topic of which the others have not heard. */
export function topicsOf(members: JoinedGroup['members']): readonly string[] {
  return [...new Set(members.flatMap((member) => wantedBy(member)))].toSorted();
}

/** Deals out each topic's partitions, as evenly as can be, among those who want to hear it. */
export function shareOut(
  members: JoinedGroup['members'],
  partitionsOf: (topic: string) => readonly number[],
): { memberId: string; memberAssignment: Buffer }[] {
  const sorted = members.toSorted((one, other) => (one.memberId < other.memberId ? -1 : 1));
  const shares = sorted.map((member) => ({
    member,
    wants: wantedBy(member),
    assignment: {} as Record<string, number[]>,
  }));
  let next = 0;
  for (const topic of topicsOf(members)) {
    const takers = shares.filter(({ wants }) => wants.includes(topic));
    for (const partition of partitionsOf(topic)) {
      const { assignment } = takers[next++ % takers.length]!;
      (assignment[topic] ??= []).push(partition);
    }
  }
  return shares.map(({ member: { memberId }, assignment }) => ({
    memberId,
    memberAssignment: AssignerProtocol.MemberAssignment.encode({
      version: VERSION,
      assignment,
      userData: Buffer.alloc(0),
    }),
  }));
}

function wantedBy({ memberMetadata }: JoinedGroup['members'][number]): readonly string[] {
  return AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? [];
}
