import { memberId } from '@library/shared-kernel/domain/identifiers';
import type { MemberList, Members } from '../../../src/application/ports';
import { Member } from '../../../src/domain/member';

export interface ListUnderTest {
  readonly members: Members;
  readonly list: MemberList;
  close(): Promise<void>;
}

/** Proves every promise of `MemberList`. */
export function describeMemberList(name: string, open: () => Promise<ListUnderTest>): void {
  describe(`MemberList: ${name}`, () => {
    let storage: ListUnderTest;

    beforeEach(async () => {
      storage = await open();
      let no = 0;
      for (const id of ['jenny', 'O’Hara', 'adam', '제니']) {
        no += 1;
        const member = Member.register(memberId(id), no, `name of ${id}`, `${no}@example.org`);
        await storage.members.change(id, [], (record) => record.register(member));
      }
      await storage.members.change('ghost', ['saga'], (record) => record.entries.set('saga', { answered: 'unknown' }));
    });

    afterEach(() => storage.close());

    const ids = async (page: Parameters<MemberList['list']>[0]) => (await storage.list.list(page)).map(({ id }) => id);

    it('lists the registered members by id, page by page', async () => {
      expect(await ids({ limit: 10 })).toEqual(['O’Hara', 'adam', 'jenny', '제니']);
      expect(await ids({ limit: 2 })).toEqual(['O’Hara', 'adam']);
      expect(await ids({ limit: 2, after: 'adam' })).toEqual(['jenny', '제니']);
      expect(await ids({ limit: 2, after: '제니' })).toEqual([]);
    });

    it('finds a member by number', async () => {
      expect(await storage.list.findByNumber(3)).toMatchObject({ id: 'adam', no: 3, name: 'name of adam' });
      expect(await storage.list.findByNumber(5)).toBeUndefined();
    });
  });
}
