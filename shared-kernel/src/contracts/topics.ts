import { RESULT_TOPIC } from './event-result';
import { SAGA_EVENTS } from './events';

/** All topics that the services publish to. */
export const SAGA_TOPICS: readonly string[] = [...SAGA_EVENTS.map(({ topic }) => topic), RESULT_TOPIC];
