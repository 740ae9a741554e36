import { randomUUID } from 'node:crypto';
import { TcpProxy } from '@library/infra/tcp-proxy';
import { MongoLeases } from '../../src/mongodb/lease.mongo';
import type { LeaseDocument } from '../../src/mongodb/lease.mongo';
import { describeLeases } from '../../src/testing/lease.contract';
import { Databases, describeWithMongo } from '../../src/testing/mongo-databases';
import { SystemClock } from '../../src/time/system-clock';

describeWithMongo('MongoDB', (url) => {
  describeLeases('MongoDB', async () => {
    const databases = new Databases(url);
    const database = databases.open({ clock: new SystemClock() });
    await database.start();
    let passed = 0;
    return {
      leases: () =>
        new MongoLeases(database.collection<LeaseDocument>('leases'), randomUUID(), () => performance.now() + passed),
      pass: (ms) => void (passed += ms),
      close: () => databases.remove(),
    };
  });

  it('I7: leases are not had by whoever hears of it only when they have run out', async () => {
    const databases = new Databases(url);
    const [host = '', port = ''] = new URL(url).host.split(':');
    const proxy = await TcpProxy.to(host, Number(port));
    const slow = databases.open({ clock: new SystemClock() }, `mongodb://${proxy.address}/?directConnection=true`);
    await slow.start();
    const leases = slow.leases();
    proxy.delay(100);

    expect(await leases.take('sweeper', 200)).toBe(false);
    expect(await leases.take('sweeper', 5_000)).toBe(true);
    await proxy.restore();
    await databases.remove();
    await proxy.close();
  });
});
