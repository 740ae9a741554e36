import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createEndpointHandler, service } from '@restatedev/restate-sdk';
import type { Context } from '@restatedev/restate-sdk';
import { sayWhere } from './rentals';
import type { Rental, Totals } from './rentals';

// Its SDK needs Node 22 for this alone; the benchmark runs on whatever the library runs on.
if (!('withResolvers' in Promise)) Object.assign(Promise, { withResolvers });

/**
 * One handler with three durable steps, one after another. Restate keeps the journal; what the steps do is in memory alone
 * and costs nothing, which is in its favour.
 */
const done = { sagas: 0, points: 0, rented: 0 };
const lent = new Map<number, string>();

const rentals = service({
  name: 'rentals',
  handlers: {
    rent: async (context: Context, { member, no }: Rental) => {
      await context.run('book', () => void lent.set(no, member));
      await context.run('member', () => void (done.points += 10));
      await context.run('bestbook', () => void done.rented++);
      done.sagas++;
      return { member, no, status: 'COMPLETED' };
    },
    giveBack: async (context: Context, { member, no }: Rental) => {
      await context.run('book', () => lent.get(no) === member);
      await context.run('member', () => void (done.points += 10));
      await context.run('shelf', () => lent.delete(no));
      done.sagas++;
      return { member, no, status: 'COMPLETED' };
    },
    totals: (): Promise<Totals> => Promise.resolve({ ...done, lent: lent.size }),
  },
});

const server = createServer(createEndpointHandler({ services: [rentals] }));
server.listen(0, '127.0.0.1', () => sayWhere((server.address() as AddressInfo).port));

function withResolvers<Value>() {
  let resolve!: (value: Value) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
