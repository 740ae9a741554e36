import { readFileSync } from 'node:fs';
import type { KafkaAddress } from '../kafka/settings';
import { BadEnvironment } from '../service/environment';
import type { Environment } from '../service/environment';

/**
 * Where the brokers are and how they are spoken to, as the environment says it. Throws BadEnvironment when its file cannot
 * be read.
 */
export function kafkaAddress(environment: Environment, clientId: string): KafkaAddress {
  const { KAFKA_BROKERS, KAFKA_PREFIX: prefix, KAFKA_TLS, KAFKA_TLS_CA_FILE } = environment;
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = environment;
  const authority = KAFKA_TLS_CA_FILE === undefined ? true : { ca: contentOf(KAFKA_TLS_CA_FILE) };

  return {
    brokers: KAFKA_BROKERS!.split(','),
    clientId,
    prefix,
    ...(KAFKA_TLS ? { tls: authority } : {}),
    ...(mechanism && username && password ? { sasl: () => ({ mechanism, username, password }) } : {}),
  };
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new BadEnvironment(`KAFKA_TLS_CA_FILE="${file}": cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
