import { once } from 'node:events';
import { get, type ClientRequest, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import { listen, type Listening } from '../../src/http/listening';
import { route, type Route } from '../../src/http/routes';
import type { ServerSentEvent } from '../../src/http/server-sent-events';
import { serviceApp } from '../../src/http/service-app';
import { KeptLog, ManualClock, sampleService } from './sample-service';

type Step = ServerSentEvent<{ step: number }>;

/** What a saga's story is to its stream: it grows, others wait for it, and it can be read from anywhere. */
class Story {
  private readonly steps: Step[] = [];
  private readonly waiting = new Set<() => void>();
  private ended = false;
  /** Sources that are being read. */
  readers = 0;

  tell(...numbers: number[]): void {
    this.steps.push(...numbers.map((step) => ({ id: String(step), event: 'step', data: { step } })));
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  async *after(lastEventId: string | undefined, signal: AbortSignal): AsyncGenerator<Step> {
    signal.addEventListener('abort', () => this.wake());
    this.readers++;
    try {
      for (let at = Number(lastEventId ?? 0); !signal.aborted; at++) {
        while (at >= this.steps.length && !this.ended && !signal.aborted) {
          await new Promise<void>((resolve) => this.waiting.add(resolve));
        }
        const step = this.steps[at];
        if (!step || signal.aborted) return;
        yield step;
      }
    } finally {
      this.readers--;
    }
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

const streaming = (source: Route['handle']) =>
  route({
    method: 'GET',
    path: '/story',
    summary: 'Tells a story',
    answers: { 200: { description: 'Its steps.', events: z.object({ step: z.int() }) } },
    handle: source as () => { status: 200; events: AsyncIterable<Step> },
  });

async function expectSoon(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 3_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`Not so after 3 s: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function* split(): AsyncGenerator<Step> {
  yield { id: '1\ndata: forged', data: { step: 1 } };
}

async function* asleep(): AsyncGenerator<Step> {
  yield { id: '1', data: { step: 1 } };
  await new Promise(() => undefined);
}

describe('a stream of events', () => {
  let clock: ManualClock;
  let log: KeptLog;
  let server: Listening;
  const clients = new Set<ClientRequest>();

  const serve = async (source: Route['handle']) => {
    clock = new ManualClock();
    log = new KeptLog();
    const service = sampleService({ routes: [streaming(source)] });
    server = await listen(serviceApp(service, { clock, log, checkAnswers: true }), { host: '127.0.0.1', port: 0 });
  };
  const telling = (story: Story) =>
    serve(({ lastEventId, signal }) => ({ status: 200, events: story.after(lastEventId, signal) }));

  const connect = async (headers: Record<string, string> = {}) => {
    const client = get({ port: server.port, path: '/story', headers, agent: false });
    clients.add(client);
    client.on('error', () => undefined);
    const [response] = (await once(client, 'response')) as [IncomingMessage];
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.on('error', () => undefined);
    return {
      client,
      response,
      text: () => text,
      ids: () => Array.from(text.matchAll(/^id: (.*)$/gm), ([, id]) => Number(id)),
    };
  };

  afterEach(async () => {
    for (const client of clients) client.destroy();
    clients.clear();
    await server.stop(0);
  });

  it('sends each event as it happens, and ends when its source ends', async () => {
    const story = new Story();
    await telling(story);
    const reader = await connect();

    expect(reader.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    story.tell(1);
    await expectSoon(() => reader.ids().length === 1);
    story.tell(2);
    story.end();
    await once(reader.response, 'end');

    expect(reader.text()).toBe(
      'retry: 1000\n\nid: 1\nevent: step\ndata: {"step":1}\n\nid: 2\nevent: step\ndata: {"step":2}\n\n',
    );
    await expectSoon(() => clock.waiting === 0 && story.readers === 0);
  });

  it('[M8] goes on after Last-Event-ID: no gap, and nothing twice', async () => {
    const story = new Story();
    await telling(story);
    const seen: number[] = [];

    story.tell(1, 2, 3);
    for (const next of [4, 5, 6, 7]) {
      const reader = await connect(seen.length > 0 ? { 'Last-Event-ID': String(seen.at(-1)) } : {});
      await expectSoon(() => reader.ids().length === next - 1 - seen.length);
      seen.push(...reader.ids());
      reader.client.destroy();
      story.tell(next);
    }
    const reader = await connect({ 'Last-Event-ID': String(seen.at(-1)) });
    story.end();
    await once(reader.response, 'end');

    expect([...seen, ...reader.ids()]).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it.each(['a b', 'é', 'x'.repeat(201)])('[Q3] begins at the start when Last-Event-ID is %j', async (id) => {
    const given: (string | undefined)[] = [];
    await serve(({ lastEventId }) => {
      given.push(lastEventId);
      return { status: 200, events: new Story().after(undefined, AbortSignal.abort()) };
    });
    await connect({ 'Last-Event-ID': id });

    expect(given).toEqual([undefined]);
  });

  it('shows every 15 s that the line is alive', async () => {
    await telling(new Story());
    const reader = await connect();

    clock.pass(14_999);
    clock.pass(1);
    await expectSoon(() => reader.text().endsWith(':\n\n'));
    clock.pass(15_000);
    await expectSoon(() => reader.text().endsWith(':\n\n:\n\n'));
  });

  it('stops its source and its heartbeat when the client goes', async () => {
    const story = new Story();
    await telling(story);
    const reader = await connect();
    await expectSoon(() => story.readers === 1);

    reader.client.destroy();
    await expectSoon(() => story.readers === 0 && clock.waiting === 0);
  });

  it('[M9] asks its source for no more than the client takes, and cuts off one that takes nothing for 30 s', async () => {
    let given = 0;
    let returned = false;
    async function* endless(): AsyncGenerator<ServerSentEvent> {
      try {
        for (;;) yield { id: String(++given), data: { step: given, padding: 'x'.repeat(100_000) } };
      } finally {
        returned = true;
      }
    }
    await serve(() => ({ status: 200, events: endless() }));
    const reader = await connect();
    reader.response.pause();

    let before = -1;
    await expectSoon(() => {
      const isStill = before === given && given > 0;
      before = given;
      return isStill;
    });
    expect(given).toBeLessThan(500);

    clock.pass(30_000);
    await expectSoon(() => returned && clock.waiting === 0);
  });

  it('[M9] lets a client take its time, as long as it takes something', async () => {
    let given = 0;
    async function* long(): AsyncGenerator<ServerSentEvent> {
      while (given < 200) yield { id: String(++given), data: { step: given, padding: 'x'.repeat(100_000) } };
    }
    await serve(() => ({ status: 200, events: long() }));
    const reader = await connect();
    reader.response.pause();
    await expectSoon(() => clock.waiting === 2);
    clock.pass(29_000);
    reader.response.resume();
    await once(reader.response, 'end');

    expect(reader.ids()).toHaveLength(200);
  });

  it('cuts the line when its source fails, so that the client comes back', async () => {
    const failure = new Error('The store is gone.');
    const seen = new AbortController();
    async function* failing(): AsyncGenerator<Step> {
      yield { id: '1', data: { step: 1 } };
      await once(seen.signal, 'abort');
      throw failure;
    }
    await serve(() => ({ status: 200, events: failing() }));
    const reader = await connect();
    await expectSoon(() => reader.ids().length === 1);
    seen.abort();
    await new Promise((resolve) => reader.response.once('close', resolve));

    expect(reader.response.complete).toBe(false);
    expect(reader.ids()).toEqual([1]);
    expect(log.lines).toMatchObject([{ level: 'error', fields: { err: failure } }]);
  });

  it('never sends an id that would be two lines', async () => {
    await serve(() => ({ status: 200, events: split() }));
    await expect(connect()).rejects.toThrow('socket hang up');

    expect(String(log.lines[0]?.fields['err'])).toContain('The id of an event is one line of text.');
  });

  it('[O1] ends when the server stops, so that the client goes on elsewhere', async () => {
    const story = new Story();
    await telling(story);
    const reader = await connect();
    story.tell(1);
    await expectSoon(() => reader.ids().length === 1);

    await Promise.all([server.stop(60_000), once(reader.response, 'end')]);
    expect(reader.response.complete).toBe(true);
    await expectSoon(() => story.readers === 0);
  });

  it('[O1] ends when the server stops, also when its source does not hear of it', async () => {
    await serve(() => ({ status: 200, events: asleep() }));
    const reader = await connect();
    await expectSoon(() => reader.ids().length === 1);

    await Promise.all([server.stop(60_000), once(reader.response, 'end')]);
    expect(reader.response.complete).toBe(true);
  });

  it('does not count as a slow answer', async () => {
    const story = new Story();
    await telling(story);
    const reader = await connect();
    story.end();
    await once(reader.response, 'end');
    const [metrics] = (await once(get({ port: server.port, path: '/metrics', agent: false }), 'response')) as [
      IncomingMessage,
    ];
    const text = Buffer.concat(await metrics.toArray()).toString();

    expect(text).toContain('http_request_duration_seconds');
    expect(text).not.toContain('/story');
  });

  it('is not begun by a HEAD', async () => {
    const story = new Story();
    await telling(story);
    const head = get({ port: server.port, path: '/story', method: 'HEAD', agent: false });
    const [response] = (await once(head, 'response')) as [IncomingMessage];

    expect(response.statusCode).toBe(200);
    expect(story.readers).toBe(0);
  });
});
