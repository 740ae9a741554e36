import { inTurns } from '../src/in-turns';
import type { Task } from '../src/load';
import type { Loaded } from '../src/measured';

const TASK: Task = { clients: 2, seconds: 0.01, outcome: 'COMPLETED' };

describe('Two libraries that take turns', () => {
  let turns: string[];

  beforeEach(() => {
    turns = [];
  });

  /** One whose sagas cost so much; `slowness` says how much more in which turn, as on a machine that others use. */
  const library = (name: string, cpuSecondsPerSaga: number, slowness: readonly number[]) => {
    let cpuSeconds = 0;
    let turn = -1;
    const target: Loaded = {
      population: { members: 2, books: 2 },
      costs: () => [{ process: name, cpuSeconds, memoryMb: 1 }],
      calls: () => {
        turns.push(name);
        turn++;
        return {
          get: () => Promise.reject(new Error('Nobody asks.')),
          post: async () => {
            await new Promise(setImmediate);
            cpuSeconds += cpuSecondsPerSaga * (slowness[turn] ?? 1);
            return { status: 200, headers: {}, body: {} };
          },
          close: () => undefined,
        };
      },
    };
    return target;
  };

  it('begin by turns, after one each that does not count', async () => {
    const { first, second } = await inTurns(library('one', 1, []), library('other', 1, []), 3, TASK);

    expect(turns).toEqual(['one', 'other', 'one', 'other', 'other', 'one', 'one', 'other']);
    expect([first.length, second.length]).toEqual([3, 3]);
  });

  it('are compared pair by pair, whatever slows down one pair', async () => {
    const slow = [9, 1, 5, 1];
    const { costRatio } = await inTurns(library('one', 3, slow), library('other', 2, slow), 3, TASK);

    expect(costRatio).toBeCloseTo(1.5);
  });

  it('are as different as they mostly are, when something slows down one of them once', async () => {
    const { costRatio } = await inTurns(library('one', 3, [1, 7, 1, 1]), library('other', 2, []), 3, TASK);

    expect(costRatio).toBeCloseTo(1.5);
  });
});
