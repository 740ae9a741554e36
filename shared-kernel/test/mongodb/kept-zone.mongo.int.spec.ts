import { Databases, describeWithMongo } from '../../src/testing/mongo-databases';
import { SystemClock } from '../../src/time/system-clock';

describeWithMongo('MongoDB', (url) => {
  let databases: Databases;
  beforeEach(() => void (databases = new Databases(url)));
  afterEach(() => databases.remove());
  const start = (zone?: string) =>
    databases.open({ clock: new SystemClock(), ...(zone === undefined ? {} : { zone }) }).start();

  it('keeps the zone of the first start, and refuses an instance that counts days by another [J10]', async () => {
    await start('Asia/Seoul');

    await expect(start('Asia/Seoul')).resolves.toBeUndefined();
    await expect(start('Europe/Berlin')).rejects.toMatchObject({
      code: 'zone-changed',
      retryable: false,
      message: expect.stringMatching(/Asia\/Seoul.*Europe\/Berlin/),
    });
  });

  it('takes one zone when two instances come first at the same time [J10]', async () => {
    const started = await Promise.allSettled([start('Asia/Seoul'), start('Europe/Berlin')]);

    expect(started.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('has no zone of data from before it was kept, and takes that of their next start', async () => {
    await start();
    const database = databases.open({ clock: new SystemClock(), zone: 'Europe/Berlin' });
    expect(await database.keptZone()).toBeUndefined();
    await database.start();

    expect(await database.keptZone()).toBe('Europe/Berlin');
  });
});
