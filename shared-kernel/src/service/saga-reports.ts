import { hasEnded, type Saga } from '../saga/saga';
import { counterOf } from './counter-of';
import type { World } from './world';

const ENDED = {
  name: 'library_sagas_ended_total',
  help: 'Sagas that have ended, by how.',
  labelNames: ['type', 'status'],
};
const ATTENTION = {
  name: 'library_saga_attention_total',
  help: 'Sagas that have come to need a person, by why.',
  labelNames: ['type', 'cause'],
};

/**
 * Tells the operator how sagas end, and calls for a person where one is needed. To be called with each saga that has moved,
 * and with what it was before; undefined when it has just begun.
 */
export function sagaReports({ metrics, logger }: Pick<World, 'metrics' | 'logger'>) {
  const ended = counterOf(ENDED, metrics);
  const attention = counterOf(ATTENTION, metrics);

  return (saga: Saga, before: Saga | undefined): void => {
    const { id, type, status, attention: cause } = saga;
    if (hasEnded(saga)) ended.inc({ type, status });
    if (cause === undefined || cause === before?.attention) return;
    attention.inc({ type, cause });
    logger.error({ saga: id, type, status, cause }, 'A saga needs a person; it goes on by itself meanwhile');
  };
}
