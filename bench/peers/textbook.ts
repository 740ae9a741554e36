import { settings } from './rentals';
import type { Servers } from './servers';
import { runParticipant } from './textbook-participants';
import type { Participant } from './textbook-participants';
import { runRental } from './textbook-rental';

/**
 * The textbook way on Kafka and MongoDB, one process a service: one message at a time; load, save, send and commit each
 * awaited by itself; an outbox that is polled. What breaks off between two writes is lost, which is in its favour.
 */
const { service, ...servers } = settings() as Servers & { readonly service: 'rental' | Participant };

void (service === 'rental' ? runRental(servers) : runParticipant(service, servers));
