import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import request from 'supertest';
import { z } from 'zod';
import { StorageFault } from '../../src/embedded/storage-fault';
import { listen, type Listening } from '../../src/http/listening';
import { route } from '../../src/http/routes';
import type { ServerSentEvent } from '../../src/http/server-sent-events';
import { serviceApp } from '../../src/http/service-app';
import { Fault } from '../../src/store/fault';
import { KeptLog, ManualClock, sampleApp, sampleRoutes, sampleService, type Handling } from './sample-service';

const RENTALS = '/rental-cards/jenny/rentals';
const RENT = { memberName: '제니', item: { no: 1, title: '종' } };
const FAILED = new StorageFault('storage-failed', 'The disk failed.', true);

/** What is told waits until somebody settles it. */
class Durability {
  private readonly waiting: { readonly resolve: () => void; readonly reject: (reason: unknown) => void }[] = [];
  /** How often somebody waited, or was told at once. */
  asked = 0;
  byNow = false;

  readonly settled = (): Promise<void> | undefined => {
    this.asked++;
    if (this.byNow) return undefined;
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  };

  settle(): void {
    for (const { resolve } of this.waiting.splice(0)) resolve();
  }

  fail(reason: unknown): void {
    for (const { reject } of this.waiting.splice(0)) reject(reason);
  }
}

async function expectSoon(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 3_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`Not so after 3 s: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Long enough for an answer that does not wait. */
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 50));

describe('an answer, where what was decided may still be lost,', () => {
  let durability: Durability;

  beforeEach(() => {
    durability = new Durability();
  });

  /** Sends it, and answers whether it was answered so far. */
  function ask(handling: Handling = {}, log = new KeptLog()) {
    const app = sampleApp(handling, { settled: durability.settled, log });
    let answered = false;
    const answer = request(app)
      .post(RENTALS)
      .send(RENT)
      .then((response) => {
        answered = true;
        return response;
      });
    return { answer, isAnswered: () => answered };
  }

  it.each<[string, Handling, number]>([
    ['an answer', {}, 202],
    ['a refusal', { refuseWith: 'limit-reached' }, 409],
    ['a problem', { undoneBy: 'book-not-available' }, 409],
  ])('comes when it cannot be lost any more: %s', async (_, handling, status) => {
    const { answer, isAnswered } = ask(handling);
    await expectSoon(() => durability.asked > 0);
    await aMoment();
    expect(isAnswered()).toBe(false);

    durability.settle();
    expect((await answer).status).toBe(status);
    expect(durability.asked).toBe(1);
  });

  it('waits for what is decided until its handling ends, not for what was decided before it began', async () => {
    let decided = false;
    let knownWhenAsked: boolean | undefined;
    const handling: Handling = {
      get refuseWith() {
        decided = true;
        return 'limit-reached' as const;
      },
    };
    const settled = () => {
      knownWhenAsked = decided;
      return undefined;
    };
    await request(sampleApp(handling, { settled })).post(RENTALS).send(RENT).expect(409);

    expect(knownWhenAsked).toBe(true);
  });

  it('comes at once when it is durable by then', async () => {
    durability.byNow = true;

    expect((await ask().answer).status).toBe(202);
    expect(durability.asked).toBe(1);
  });

  it.each([FAILED, new Fault('store-closed', 'It is being closed.')])(
    'is a 503 that says nothing of what was decided when it can be lost: %s',
    async (fault) => {
      const log = new KeptLog();
      const { answer } = ask({}, log);
      await expectSoon(() => durability.asked > 0);
      durability.fail(fault);
      const { status, body, headers } = await answer;

      expect(status).toBe(503);
      expect(headers['content-type']).toBe('application/problem+json');
      expect(headers['location']).toBeUndefined();
      expect(JSON.stringify(body)).not.toContain('RUNNING');
      expect(log.lines).toMatchObject([{ level: 'warn', fields: { err: fault } }]);
    },
  );

  it.each(['/health/live', '/health/ready'])('about health does not wait: %s', async (path) => {
    const app = sampleApp({}, { settled: durability.settled });

    await request(app).get(path).expect(200);
    await request(app).head(path).expect(200);
    expect(durability.asked).toBe(0);
  });
});

describe('a stream of events, where what was decided may still be lost,', () => {
  type Step = ServerSentEvent<{ step: number }>;

  let durability: Durability;
  let server: Listening;
  let handling: { steps: Step[]; given: number };

  beforeEach(async () => {
    durability = new Durability();
    handling = { steps: [1, 2, 3].map((step) => ({ id: `${step}`, data: { step } })), given: 0 };
    const story = route({
      method: 'GET',
      path: '/story',
      summary: 'Tells a story',
      answers: { 200: { description: 'Its steps.', events: z.object({ step: z.int() }) } },
      handle: () => ({ status: 200, events: steps() }),
    });
    async function* steps(): AsyncGenerator<Step> {
      for (const step of handling.steps) {
        handling.given++;
        yield step;
      }
    }
    server = await listen(
      serviceApp(sampleService({ routes: [...sampleRoutes(), story] }), {
        clock: new ManualClock(),
        log: new KeptLog(),
        checkAnswers: true,
        settled: durability.settled,
      }),
      { host: '127.0.0.1', port: 0 },
    );
  });

  afterEach(() => server.stop(0));

  async function follow() {
    const asking = get({ port: server.port, path: '/story', agent: false });
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const ended = new Promise<'ended' | 'cut'>((resolve) => {
      response.once('end', () => resolve('ended'));
      response.once('error', () => resolve('cut'));
    });
    return { heard: () => [...text.matchAll(/^id: (\d)$/gm)].map(([, id]) => id), ended };
  }

  it('tells each event when that cannot be lost any more', async () => {
    const { heard, ended } = await follow();
    for (let told = 0; told < 3; told++) {
      await expectSoon(() => durability.asked === told + 1);
      await aMoment();
      expect(heard()).toHaveLength(told);
      expect(handling.given).toBe(told + 1);
      durability.settle();
      await expectSoon(() => heard().length === told + 1);
    }

    expect(await ended).toBe('ended');
    expect(heard()).toEqual(['1', '2', '3']);
  });

  it('is cut before the event that can be lost', async () => {
    const { heard, ended } = await follow();
    await expectSoon(() => durability.asked === 1);
    durability.settle();
    await expectSoon(() => durability.asked === 2);
    durability.fail(FAILED);

    expect(await ended).toBe('cut');
    expect(heard()).toEqual(['1']);
  });
});
