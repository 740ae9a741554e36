import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { atTheTerminal } from './at-the-terminal';

const BOOKS = 130;

let server: Server;
let url: string;
let asked: string[];

/** A library with many books, which gives out at most a hundred at once. */
beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    const { searchParams } = new URL(request.url!, 'http://localhost');
    asked.push(searchParams.toString());
    const from = Number(searchParams.get('cursor') ?? '0');
    const until = Math.min(from + Number(searchParams.get('limit')), BOOKS);
    const items = Array.from({ length: until - from }, (_, at) => ({
      no: from + at + 1,
      title: '토지',
      author: '박경리',
      status: 'AVAILABLE',
    }));
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ items, ...(until < BOOKS ? { next: String(until) } : {}) }));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function numbers(
  limit: string,
): Promise<{ readonly items: readonly number[]; readonly next: string | undefined }> {
  const { json } = await atTheTerminal(['book', 'ls', '--limit', limit, '--json', '--url', url]);
  return { items: json.items.map(({ no }: { no: number }) => no), next: json.next };
}

const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

describe('a list that is longer than a page', () => {
  it('is read page by page, as far as was asked for', async () => {
    expect(await numbers('120')).toStrictEqual({ items: upTo(120), next: '120' });
    expect(asked).toStrictEqual(['limit=100', 'limit=20&cursor=100']);
  });

  it('is read to its end when that comes first', async () => {
    expect(await numbers('500')).toStrictEqual({ items: upTo(BOOKS), next: undefined });
  });

  it('is read no further than the first page when that is enough', async () => {
    expect(await numbers('20')).toStrictEqual({ items: upTo(20), next: '20' });
    expect(asked).toHaveLength(1);
  });
});
