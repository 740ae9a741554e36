import type { Collection } from 'mongodb';
import { translated } from '@library/shared-kernel/mongodb/mongo-fault';
import type { ServiceDatabase } from '@library/shared-kernel/mongodb/service-database';
import { memberKind } from '../../../application/member-kind';
import type { StoredMember } from '../../../application/member-record';
import type { MemberList } from '../../../application/ports';
import type { MemberState } from '../../../domain/member';

interface MemberDocument {
  readonly _id: string;
  readonly no?: number;
  readonly body: string;
}

/** The registered members, by id or by the number that the original system's users know. */
export class MongoMemberList implements MemberList {
  private readonly documents: Collection<MemberDocument>;

  constructor(database: Pick<ServiceDatabase, 'collection'>) {
    this.documents = database.collection(memberKind.name);
  }

  async list({
    limit,
    after = '',
  }: {
    readonly limit: number;
    readonly after?: string;
  }): Promise<readonly MemberState[]> {
    const found = this.documents
      .find({ _id: { $gt: after }, no: { $exists: true } }, { projection: { body: 1 } })
      .sort({ _id: 1 })
      .limit(limit)
      .toArray();
    return (await translated(found)).flatMap(memberOf);
  }

  async findByNumber(no: number): Promise<MemberState | undefined> {
    const found = await translated(this.documents.findOne({ no }, { projection: { body: 1 } }));
    return found ? memberOf(found)[0] : undefined;
  }
}

function memberOf({ body }: MemberDocument): readonly MemberState[] {
  return [(JSON.parse(body) as StoredMember).member ?? []].flat();
}
