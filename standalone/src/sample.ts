import { Fault } from '@library/shared-kernel/store/fault';

/** What was added. */
export interface Sample {
  readonly books: number;
  readonly members: number;
}

/** What a newcomer may try: a book that can be rented, and two members who can rent it. */
export interface Suggestion {
  readonly book: { readonly no: number; readonly title: string };
  readonly members: readonly [Named, Named];
}

interface Named {
  readonly id: string;
  readonly name: string;
}

const BOOKS = [
  book('누구를 위하여 종을 울리나?', '어니스트 헤밍웨이', '1232141214', 'LITERATURE'),
  book('최재천의 공부', '최재천', '9788934942467', 'LITERATURE'),
  book('토지', '박경리', '9788960533417', 'LITERATURE'),
  book('소년이 온다', '한강', '9788936434120', 'LITERATURE'),
  book('도메인 주도 설계', '에릭 에반스', '9788992939850', 'COMPUTER'),
  book('마이크로서비스 패턴', '크리스 리처드슨', '9791189909062', 'COMPUTER'),
  book('카프카 핵심 가이드', '그웬 샤피라', '9788968483967', 'COMPUTER'),
  book('데이터 중심 애플리케이션 설계', '마틴 클레프만', '9791158390983', 'COMPUTER'),
  book('서양미술사', '에른스트 곰브리치', '9788970849782', 'ARTS'),
  book('방구석 미술관', '조원재', '9791186560556', 'ARTS'),
];

const MEMBERS = [
  { id: 'jenny', name: '제니', email: 'jenny@example.org' },
  { id: 'scott', name: '스콧', email: 'scott@example.org' },
  { id: 'minji', name: '민지', email: 'minji@example.org' },
  { id: 'dahye', name: '다혜', email: 'dahye@example.org' },
];

/** Whether nobody and nothing is registered at this origin. */
export async function isEmpty(origin: string): Promise<boolean> {
  const [books, members] = await Promise.all([list(origin, '/books?limit=1'), list(origin, '/members?limit=1')]);
  return books.length === 0 && members.length === 0;
}

/**
 * Registers sample books and members, through the front door as anybody would, or those of them that an earlier start did
 * not come to; undefined when there is anything else in the library, or all of them. Throws a Fault when one is refused.
 */
export async function addSample(origin: string): Promise<Sample | undefined> {
  const [books, members] = await Promise.all([
    list<{ isbn: string }>(origin, '/books?limit=100'),
    list<Named>(origin, '/members?limit=100'),
  ]);
  const lackedBooks = BOOKS.filter(({ isbn }) => books.every((there) => there.isbn !== isbn));
  const lackedMembers = MEMBERS.filter(({ id }) => members.every((there) => there.id !== id));
  const lacked = lackedBooks.length + lackedMembers.length;
  const isOnlySample = books.length + members.length + lacked === BOOKS.length + MEMBERS.length;
  if (lacked === 0 || !isOnlySample) return undefined;

  for (const sample of lackedBooks) await post(origin, '/books', sample);
  for (const sample of lackedMembers) await post(origin, '/members', sample);
  return { books: lackedBooks.length, members: lackedMembers.length };
}

/** Undefined when there is nothing to rent, or nobody to rent it. */
export async function suggest(origin: string): Promise<Suggestion | undefined> {
  const [[free], members] = await Promise.all([
    list<Suggestion['book']>(origin, '/books?status=AVAILABLE&limit=1'),
    list<Named>(origin, '/members?limit=20'),
  ]);
  // The README's, where they are: so both tell one story.
  const known = FIRST.members.filter(({ id }) => members.some((member) => member.id === id));
  const [first, second] = known.length === FIRST.members.length ? known : members;
  return free && first && second ? { book: free, members: [first, second] } : undefined;
}

/** The book and the members that a newcomer to an empty library registers first. */
export const FIRST = { book: BOOKS[0]!, members: [MEMBERS[0]!, MEMBERS[1]!] as const };

function book(title: string, author: string, isbn: string, classification: string) {
  return { title, author, isbn, classification, source: 'SUPPLY', location: 'JEONGJA' };
}

async function list<Item>(origin: string, path: string): Promise<readonly Item[]> {
  const answer = await fetch(origin + path);
  if (!answer.ok) throw await refusal(`GET ${path}`, answer, 'Start it again.');
  const { items } = (await answer.json()) as { items: readonly Item[] };
  return items;
}

async function post(origin: string, path: string, body: unknown): Promise<void> {
  const answer = await fetch(origin + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) {
    throw await refusal(`POST ${path}`, answer, 'Start with --sample again: it goes on where it stopped.');
  }
}

async function refusal(call: string, answer: Response, next: string): Promise<Fault> {
  const { detail } = (await answer.json()) as { detail: string };
  return new Fault('call-refused', `The library answered ${call} with ${answer.status}: ${detail} ${next}`, false);
}
