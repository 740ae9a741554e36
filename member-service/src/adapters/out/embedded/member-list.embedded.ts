import type { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import { memberKind } from '../../../application/member-kind';
import type { StoredMember } from '../../../application/member-record';
import type { MemberList } from '../../../application/ports';
import type { MemberState } from '../../../domain/member';

/** The registered members, by id or by the number that the original system's users know. */
export class EmbeddedMemberList implements MemberList {
  constructor(private readonly file: Pick<SqlFile, 'statement'>) {}

  async list({
    limit,
    after = '',
  }: {
    readonly limit: number;
    readonly after?: string;
  }): Promise<readonly MemberState[]> {
    return this.select('no IS NOT NULL AND id > ? ORDER BY id LIMIT ?', after, limit);
  }

  async findByNumber(no: number): Promise<MemberState | undefined> {
    return this.select('no = ?', no)[0];
  }

  private select(condition: string, ...values: readonly (string | number)[]): readonly MemberState[] {
    return this.file
      .statement<{ body: string }>(`SELECT body FROM ${memberKind.name} WHERE ${condition}`)
      .all(...values)
      .flatMap(({ body }) => (JSON.parse(body) as StoredMember).member ?? []);
  }
}
