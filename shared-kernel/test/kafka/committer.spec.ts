import { Committer } from '../../src/kafka/committer';
import { Coordinator } from '../../src/kafka/coordinator';
import type { Broker, Cluster, Membership } from '../../src/kafka/protocol';
import { TestClock } from '../../src/testing/test-clock';

const MEMBERSHIP = { groupId: 'book', generationId: 1, memberId: 'm' } as Membership;
/** Longer than offsets are gathered. */
const SOON_MS = 1_000;

interface Commit {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
  }[];
}

describe('A committer of offsets', () => {
  let clock: TestClock;
  /** What the brokers were told, such as `rent 0: 5, rent 1: 7`. */
  let commits: string[];
  let failures: unknown[];
  let failing: Error | undefined;
  let committer: Committer;

  beforeEach(() => {
    clock = new TestClock();
    commits = [];
    failures = [];
    failing = undefined;
    const broker = {
      offsetCommit: async ({ topics }: Commit) => {
        if (failing) throw failing;
        commits.push(
          topics
            .flatMap(({ topic, partitions }) =>
              partitions.map(({ partition, offset }) => `${topic} ${partition}: ${offset}`),
            )
            .join(', '),
        );
      },
    } as unknown as Broker;
    const cluster = { findGroupCoordinator: async () => broker } as unknown as Cluster;
    committer = new Committer(new Coordinator(cluster, 'book'), MEMBERSHIP, clock, (error) => failures.push(error));
  });

  it('commits together what is handled soon after each other, the last offset of each partition', async () => {
    committer.handledTo('rent', 0, 4);
    await clock.advance(100);
    committer.handledTo('rent', 1, 7);
    committer.handledTo('rent', 0, 5);
    expect(commits).toEqual([]);
    await clock.advance(SOON_MS);

    expect(commits).toEqual(['rent 0: 5, rent 1: 7']);
    expect(clock.waiting).toBe(0);
  });

  it('commits again what is handled later', async () => {
    for (const offset of [1, 2, 3]) {
      committer.handledTo('rent', 0, offset);
      await clock.advance(SOON_MS);
    }

    expect(commits).toEqual(['rent 0: 1', 'rent 0: 2', 'rent 0: 3']);
  });

  it('tries a commit that failed again, with what was handled since', async () => {
    failing = new Error('The coordinator is away.');
    committer.handledTo('rent', 0, 1);
    committer.handledTo('rent', 1, 1);
    await clock.advance(250);
    expect(failures).toEqual([failing]);
    failing = undefined;
    committer.handledTo('rent', 0, 2);
    await clock.advance(SOON_MS);

    expect(commits).toHaveLength(1);
    expect(commits[0]?.split(', ').toSorted()).toEqual(['rent 0: 2', 'rent 1: 1']);
  });

  it('commits what is left when it is to finish, and nothing afterwards', async () => {
    committer.handledTo('rent', 0, 1);
    await committer.finish();
    expect(commits).toEqual(['rent 0: 1']);
    committer.handledTo('rent', 0, 2);
    await clock.advance(SOON_MS);

    expect(commits).toEqual(['rent 0: 1']);
    expect(clock.waiting).toBe(0);
  });

  it('commits nothing any more when its partitions are lost', async () => {
    committer.handledTo('rent', 0, 1);
    committer.abandon();
    committer.handledTo('rent', 0, 2);
    await clock.advance(SOON_MS);

    expect(commits).toEqual([]);
  });
});
