import type { ConnectionOptions } from 'node:tls';
import type { Logger } from '../service/logger';
import type { Clock } from '../time/clock';

interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type ScramCredentials =
  (Credentials & { readonly mechanism: 'scram-sha-256' }) | (Credentials & { readonly mechanism: 'scram-sha-512' });

/** Where the brokers are, and as whom they are spoken to. */
export interface KafkaAddress {
  /** `host:port` of some of them; they name the others. */
  readonly brokers: readonly string[];
  /** What the brokers' logs call this process. */
  readonly clientId: string;
  /** What the names of topics and groups begin with there, and only there; nothing when absent. */
  readonly prefix?: string;
  /** Asked anew for each connection, so that a password which was changed is taken up without a restart. */
  readonly sasl?: () => ScramCredentials;
  /** True for TLS as Node trusts it, or what to trust and to show. */
  readonly tls?: boolean | ConnectionOptions;
}

export interface KafkaSettings extends KafkaAddress {
  readonly clock: Clock;
  /** From 0 to less than 1. */
  readonly random: () => number;
  /** kafkajs's own lines go to `debug`, where there is one: whatever it reports it throws too, and whoever catches it tells. */
  readonly logger: Logger & { debug?(fields: object, message: string): void };
  /** Told of what failed in the background, such as a batch that was not handled; it is tried again. */
  readonly onFailure: (error: unknown) => void;
  /** The most that key, value and headers of a message may weigh; 256 kB when absent. */
  readonly maxMessageBytes?: number;
  /** A consumer that is silent for so long has its partitions given to others; 10 s when absent. */
  readonly sessionTimeoutMs?: number;
  /** How long the brokers may take for one request, and a publication for two attempts at one; 5 s when absent. */
  readonly requestTimeoutMs?: number;
}

export const MAX_MESSAGE_BYTES = 262_144;
export const SESSION_TIMEOUT_MS = 10_000;
export const REQUEST_TIMEOUT_MS = 5_000;
