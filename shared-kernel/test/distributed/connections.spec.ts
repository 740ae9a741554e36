import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaAddress } from '../../src/distributed/connections';
import { BadEnvironment, readEnvironment } from '../../src/service/environment';

const SERVERS = { MODE: 'distributed', MONGO_URL: 'mongodb://db', KAFKA_BROKERS: 'one:9092,two:9093' };

const addressIn = (variables: Readonly<Record<string, string>>) =>
  kafkaAddress(readEnvironment({ ...SERVERS, ...variables }), 'book-service');

describe('The address of the brokers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'connections-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('names each of them, and nothing that was not set', () => {
    expect(addressIn({})).toEqual({ brokers: ['one:9092', 'two:9093'], clientId: 'book-service', prefix: '' });
  });

  it('has the login, to be asked for at each connection', () => {
    const login = {
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'library',
      KAFKA_SASL_PASSWORD: 'p,w:',
    };

    expect(addressIn(login).sasl?.()).toEqual({ mechanism: 'scram-sha-512', username: 'library', password: 'p,w:' });
  });

  it('trusts whom Node trusts over TLS, or the authority in a file', () => {
    const file = join(folder, 'ca.pem');
    writeFileSync(file, 'an authority');

    expect(addressIn({ KAFKA_TLS: 'true' }).tls).toBe(true);
    expect(addressIn({ KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: file }).tls).toEqual({ ca: 'an authority' });
  });

  it('says so when that file cannot be read', () => {
    const missing = join(folder, 'missing.pem');
    const reading = () => addressIn({ KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: missing });

    expect(reading).toThrow(BadEnvironment);
    expect(reading).toThrow(`KAFKA_TLS_CA_FILE="${missing}": cannot be read (ENOENT).`);
  });
});
