import assert from 'node:assert/strict';
import type { Answer, Pliable } from './over-http';

const WAIT = { Prefer: 'wait=10' };

/** What a librarian does, in one line each. */
export class Desk {
  constructor(private readonly library: Pliable) {}

  async registerBooks(many: number): Promise<void> {
    for (let no = 1; no <= many; no++) {
      const { status } = await this.library.post('/books', {
        title: `책 ${no}`,
        author: '저자',
        isbn: '9788970849782',
        classification: 'ARTS',
        source: 'SUPPLY',
        location: 'PANGYO',
      });
      assert.equal(status, 201);
    }
  }

  async registerMembers(...ids: readonly string[]): Promise<void> {
    const register = (id: string) => this.library.post('/members', { id, name: id, email: `${id}@example.org` });
    for (const { status } of await Promise.all(ids.map(register))) assert.equal(status, 201);
  }

  rent(member: string, no: number, headers: Readonly<Record<string, string>> = WAIT): Promise<Answer> {
    return this.library.post(
      `/rental-cards/${member}/rentals`,
      { memberName: member, item: { no, title: `책 ${no}` } },
      'library',
      headers,
    );
  }

  return(member: string, no: number, headers: Readonly<Record<string, string>> = WAIT): Promise<Answer> {
    return this.library.post(`/rental-cards/${member}/returns`, { item: { no } }, 'library', headers);
  }

  clear(member: string, points: number, headers: Readonly<Record<string, string>> = WAIT): Promise<Answer> {
    return this.library.post(`/rental-cards/${member}/clearances`, { points }, 'library', headers);
  }

  async card(member: string) {
    return (await this.library.get(`/rental-cards/${member}`)).body;
  }

  async book(no: number) {
    return (await this.library.get(`/books/${no}`)).body;
  }

  async points(member: string): Promise<number> {
    return (await this.library.get(`/members/${member}/points`)).body.balance;
  }

  async rentCount(no: number): Promise<number> {
    const { body } = await this.library.get('/best-books?top=100');
    return body.find((best: { item: { no: number } }) => best.item.no === no)?.rentCount ?? 0;
  }

  async sagas(query = ''): Promise<readonly { readonly id: string; readonly status: string }[]> {
    return (await this.library.get(`/sagas?limit=100${query}`)).body.items;
  }

  /** Every invariant holds, whatever may still be under way. */
  async expectSound(): Promise<void> {
    assert.deepEqual(await this.library.unsound(), []);
  }
}
