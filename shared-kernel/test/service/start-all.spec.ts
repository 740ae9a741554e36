import { startAll } from '../../src/service/service';
import type { Start } from '../../src/service/service';

describe('Starting', () => {
  let told: string[];

  beforeEach(() => {
    told = [];
  });

  const part =
    (name: string, fails?: 'to start' | 'to stop'): Start =>
    async () => {
      told.push(`start ${name}`);
      if (fails === 'to start') throw new Error(`${name} cannot start`);
      return async () => {
        told.push(`stop ${name}`);
        if (fails === 'to stop') throw new Error(`${name} cannot stop`);
      };
    };

  it('starts in order and stops in reverse [O1]', async () => {
    const stop = await startAll([part('store'), part('relay'), part('consumer')]);
    await stop();

    expect(told).toEqual(['start store', 'start relay', 'start consumer', 'stop consumer', 'stop relay', 'stop store']);
  });

  it('leaves nothing half started: what was started is stopped again [O10]', async () => {
    const starting = startAll([part('store'), part('relay', 'to stop'), part('consumer', 'to start'), part('jobs')]);

    await expect(starting).rejects.toThrow('consumer cannot start');
    expect(told).toEqual(['start store', 'start relay', 'start consumer', 'stop relay', 'stop store']);
  });

  it('stops everything, also when one fails to, and then tells what failed first [O1]', async () => {
    const stop = await startAll([part('store', 'to stop'), part('relay'), part('consumer', 'to stop')]);

    await expect(stop()).rejects.toThrow('consumer cannot stop');
    expect(told.slice(3)).toEqual(['stop consumer', 'stop relay', 'stop store']);
  });
});
