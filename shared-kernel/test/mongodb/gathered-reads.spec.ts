import { GatheredReads } from '../../src/mongodb/gathered-reads';

/** A server that answers a question when it is told to. */
class Server {
  readonly questions: { readonly keys: readonly string[]; answer(): void; fail(): void }[] = [];

  readonly read = (keys: readonly string[]) =>
    new Promise<ReadonlyMap<string, string>>((resolve, reject) => {
      this.questions.push({
        keys,
        answer: () => resolve(new Map(keys.filter((key) => key !== 'nobody').map((key) => [key, `the ${key}`]))),
        fail: () => reject(new Error('The server is away.')),
      });
    });
}

const aTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('Gathered reads', () => {
  let server: Server;
  let reads: GatheredReads<string>;

  beforeEach(() => {
    server = new Server();
    reads = new GatheredReads(server.read);
  });

  it('are one question for all that is asked for at a time, and an answer for each', async () => {
    const asked = Promise.all(['a', 'b', 'a', 'nobody'].map((key) => reads.get(key)));
    await aTurn();
    server.questions[0]!.answer();

    expect(await asked).toEqual(['the a', 'the b', 'the a', undefined]);
    expect(server.questions.map(({ keys }) => keys)).toEqual([['a', 'b', 'nobody']]);
  });

  it('gather while two questions are under way', async () => {
    const asked: Promise<string | undefined>[] = [];
    for (const key of ['a', 'b', 'c', 'd', 'a']) {
      asked.push(reads.get(key));
      await aTurn();
    }
    expect(server.questions).toHaveLength(2);
    server.questions[1]!.answer();
    await aTurn();
    await aTurn();
    server.questions[0]!.answer();
    server.questions[2]!.answer();

    expect(await Promise.all(asked)).toEqual(['the a', 'the b', 'the c', 'the d', 'the a']);
    expect(server.questions.map(({ keys }) => keys)).toEqual([['a'], ['b'], ['c', 'd', 'a']]);
  });

  it('fail together, and go on', async () => {
    const asked = Promise.allSettled([reads.get('a'), reads.get('b')]);
    await aTurn();
    server.questions[0]!.fail();
    expect((await asked).map(({ status }) => status)).toEqual(['rejected', 'rejected']);

    const again = reads.get('a');
    await aTurn();
    server.questions[1]!.answer();
    expect(await again).toBe('the a');
  });
});
