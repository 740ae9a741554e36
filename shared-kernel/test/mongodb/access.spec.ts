import { MongoServerError } from 'mongodb';
import { mongoFault } from '../../src/mongodb/mongo-fault';
import { ServiceDatabase } from '../../src/mongodb/service-database';
import { SystemClock } from '../../src/time/system-clock';

const open = (url: string) => ServiceDatabase.open(url, 'access', { clock: new SystemClock() });

describe('The way to MongoDB', () => {
  it('may need a user, a password and TLS', async () => {
    for (const url of [
      'mongodb://library:s%40cret@one:27017,two:27017/?replicaSet=rs0&authSource=admin&tls=true',
      'mongodb://library:s3cret@db/?authMechanism=SCRAM-SHA-256&tls=true&tlsCAFile=/etc/ca.pem',
    ]) {
      const database = open(url);
      expect(await database.health()).toBe('MongoDB was not reached yet.');
      await database.close();
    }
  });

  it.each([
    ['mongodb://library:s3cret@s3cret@db', 'Invalid connection string.'],
    ['mongodb://library:%zz@db', 'URI malformed.'],
    ['mongodb://db/?tls=s3cret', 'tls/ssl must be either "true" or "false".'],
    ['mongodb://library:s3cret@db/?colour=red', 'option colour is not supported.'],
    ['mongodb://library:s3cret@db/?authMechanism=MONGODB-X509', 'Password not allowed for mechanism MONGODB-X509.'],
  ])('is refused in one sentence, without the password, when it is %s', (url, sentence) => {
    expect(() => open(url)).toThrow(
      expect.objectContaining({
        code: 'store-unsuitable',
        retryable: false,
        message: `The MongoDB URL cannot be used: ${sentence}`,
      }) as Error,
    );
  });

  it('is refused when it leads over a file that is not there', async () => {
    const database = open('mongodb://127.0.0.1:9/?tls=true&tlsCAFile=/nowhere/ca.pem');

    await expect(database.start()).rejects.toMatchObject({
      code: 'store-unsuitable',
      message: 'The MongoDB URL names the file /nowhere/ca.pem, which cannot be read (ENOENT).',
    });
    await database.close();
  });

  it.each([
    [18, 'Authentication failed.'],
    [13, 'not authorized on library_rental to execute command'],
  ])('is waited for while the server does not let us in (%d)', (code, message) => {
    expect(mongoFault(new MongoServerError({ code, message }))).toMatchObject({
      code: 'store-forbidden',
      retryable: true,
      message: `MongoDB forbids it: ${message}`,
    });
  });
});
