import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { atTheTerminal } from './at-the-terminal';

const SAGA = '01936b2e-7c4d-7a10-8f3e-2b1c0d9e8f7a';

let server: Server;
let url: string;
/** One for each time that somebody follows the saga: what to answer. */
let answers: ((response: ServerResponse) => void)[];
/** The Last-Event-ID that came with each of them. */
let cameWith: (string | undefined)[];

beforeEach(async () => {
  [answers, cameWith] = [[], []];
  server = createServer((request, response) => {
    if (!request.url?.endsWith('/events')) {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ id: SAGA, status: 'COMPENSATED', reason: 'expired' }));
      return;
    }
    cameWith.push(request.headers['last-event-id'] as string | undefined);
    answers.shift()?.(response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const event = (n: number, what: string) =>
  `id: ${n}\ndata: ${JSON.stringify({ n, at: '2026-11-21T10:00:00.000Z', what })}\n\n`;

function stream(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write(text);
}

describe('watching a saga', () => {
  it('M8: comes back after the last event when the line is cut, and tells each event once', async () => {
    answers = [
      (response) => {
        stream(response, event(0, 'announced') + event(1, 'done'));
        setTimeout(() => response.destroy(), 50);
      },
      (response) => {
        stream(response, event(2, 'silent') + event(3, 'compensated'));
        response.end();
      },
      (response) => response.writeHead(204).end(),
    ];

    const { exit, err, json } = await atTheTerminal(['saga', 'watch', SAGA, '--url', url, '--json']);

    expect({ exit, err }).toStrictEqual({ exit: 0, err: '' });
    expect(cameWith).toStrictEqual([undefined, '1', '3']);
    expect(json.events.map(({ n }: { n: number }) => n)).toStrictEqual([0, 1, 2, 3]);
    expect(json).toMatchObject({ status: 'COMPENSATED', reason: 'expired' });
  });

  it('says that the line is lost, and goes on when whoever answered is back', async () => {
    answers = [
      (response) => {
        stream(response, event(0, 'announced'));
        setTimeout(() => response.destroy(), 50);
      },
      (response) => response.destroy(),
      (response) => {
        stream(response, event(1, 'completed'));
        response.end();
      },
      (response) => response.writeHead(204).end(),
    ];

    const watched = await atTheTerminal(['saga', 'watch', SAGA, '--url', url]);

    expect(watched.err).toBe('The line is lost; coming back …\n');
    expect(watched.out.match(/announced|completed/g)).toStrictEqual(['announced', 'completed']);
    expect(cameWith).toStrictEqual([undefined, '0', '0', '1']);
  });

  it('does not wait for somebody who was never there', async () => {
    expect(await atTheTerminal(['saga', 'watch', SAGA, '--url', 'http://127.0.0.1:2'])).toMatchObject({ exit: 5 });
  });

  it('tells why when there is no such saga', async () => {
    answers = [
      (response) =>
        response
          .writeHead(404, { 'Content-Type': 'application/problem+json' })
          .end(JSON.stringify({ status: 404, title: 'Not found', detail: 'No saga has this id.', code: 'not-found' })),
    ];

    expect(await atTheTerminal(['saga', 'watch', SAGA, '--url', url])).toMatchObject({
      exit: 3,
      err: 'Not found: No saga has this id.\n',
    });
  });

  it('ends when the person has enough', async () => {
    const enough = new AbortController();
    answers = [
      (response) => {
        stream(response, event(0, 'announced'));
        setTimeout(() => {
          enough.abort();
          response.end();
        }, 50);
      },
    ];

    expect(await atTheTerminal(['saga', 'watch', SAGA, '--url', url], { signal: enough.signal })).toMatchObject({
      exit: 0,
      out: expect.stringContaining('announced'),
    });
    expect(cameWith).toHaveLength(1);
  });
});
