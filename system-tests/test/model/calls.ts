import { NONSENSE } from './nonsense';
import type { Request } from './requests';

/** A request as it is sent. */
export interface Call {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
  readonly key?: string;
}

/** What whoever asks knows of the library at that moment. */
export interface Known {
  readonly today: number;
  /** What ids, titles and keys end in, for many models share one library. */
  readonly mark: string;
  /** Of the book that was registered as this one, counted from 0; or one that nobody has. */
  numberOf(book: number): number;
  /** In points; never 0, for that cannot be paid. */
  dueOf(member: string): number;
}

export function callOf(request: Request, known: Known): Call {
  const { mark, today } = known;
  const member = 'member' in request ? `${request.member}${mark}` : '';
  const post = (path: string, body: unknown): Call => {
    // Keys are kept for a day, and then forgotten sooner or later: so none is used on another day.
    const key = 'key' in request ? { key: `${request.key}${mark}-${today}` } : {};
    return { method: 'POST', path, body, ...key };
  };
  switch (request.ask) {
    case 'rent': {
      const no = known.numberOf(request.book);
      const body = { memberName: member, item: { no, title: `책 ${no}` } };
      return post(`/rental-cards/${member}/rentals`, body);
    }
    case 'return':
      return post(`/rental-cards/${member}/returns`, { item: { no: known.numberOf(request.book) } });
    case 'clear':
      return post(`/rental-cards/${member}/clearances`, {
        points: known.dueOf(request.member) + (request.exactly ? 0 : 1),
      });
    case 'register book':
      return post('/books', {
        title: `${request.title}${mark}`,
        author: '저자',
        isbn: '9788970849782',
        classification: 'ARTS',
        source: 'SUPPLY',
        location: 'PANGYO',
      });
    case 'register member':
      return post('/members', {
        id: member,
        name: member,
        email: 'reader@example.org',
      });
    case 'adjust':
      return post(`/members/${member}/adjustments`, {
        points: request.points,
        reason: 'welcome',
        actor: 'librarian',
      });
    case 'close':
      return { method: 'PUT', path: `/members/${member}/closure` };
    case 'shelve':
      return { method: 'PUT', path: `/books/${known.numberOf(request.book)}/shelf` };
    case 'withdraw':
      return { method: 'PUT', path: `/books/${known.numberOf(request.book)}/withdrawal` };
    case 'nonsense': {
      const { path, body } = NONSENSE[request.which]!;
      return post(path, body);
    }
  }
}
