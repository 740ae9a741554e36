import type { BatchHandler, ConsumerSettings } from '../messaging/message-log';
import type { Lane } from './lane';
import type { KafkaSettings } from './settings';
import type { Sightings } from './sightings';

/** What the generations of one consumer have in common. */
export interface Consuming {
  readonly settings: KafkaSettings;
  readonly consumer: ConsumerSettings;
  readonly handle: BatchHandler;
  readonly sightings: Sightings;
  readonly failing: Set<Lane>;
  /** Batches that outlived their generation, by place. */
  readonly leftOver: Map<string, Promise<void>>;
  /** The brokers have answered, or have not. */
  readonly heard: (answered: boolean) => void;
  /** The group knows this consumer, and does not share anew. */
  readonly stays: () => void;
}
