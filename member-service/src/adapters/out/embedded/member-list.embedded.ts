import type { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import { memberKind } from '../../../application/member-kind';
import type { StoredMember } from '../../../application/member-record';
import type { MemberList } from '../../../application/ports';
import type { MemberState } from '../../../domain/member';

/** The registered members, by id or by the number that the original system's users know. */
export class EmbeddedMemberList implements MemberList {
  constructor(private readonly file: Pick<ServiceFile, 'rows'>) {}

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
    return (await this.select('no = ?', no))[0];
  }

  private async select(condition: string, ...values: readonly (string | number)[]): Promise<readonly MemberState[]> {
    const sql = `SELECT body FROM ${memberKind.name} WHERE ${condition}`;
    const rows = await this.file.rows<{ body: string }>(sql, ...values);
    return rows.flatMap(({ body }) => (JSON.parse(body) as StoredMember).member ?? []);
  }
}
