import 'reflect-metadata';
import { Relay } from '@library/shared-kernel/outbox/relay';
import { participantWork } from '@library/shared-kernel/service/participant-work';
import { relayReports } from '@library/shared-kernel/service/relay-reports';
import type { Service } from '@library/shared-kernel/service/service';
import { token } from '@library/shared-kernel/service/token';
import type { World } from '@library/shared-kernel/service/world';
import type { Numbers } from '@library/shared-kernel/store/records';
import { Container } from 'inversify';
import { bookRoutes } from './adapters/in/http/book-routes';
import { originalRoutes } from './adapters/in/http/original-routes';
import { bookParticipant } from './application/book-participant';
import type { BookRecord } from './application/book-record';
import { MoveBook } from './application/move-book';
import type { BookCatalogue, Books, BookStores } from './application/ports';
import { RegisterBook } from './application/register-book';

export const BOOK_SERVICE = 'book-service';

const BOOKS = token<Books>('Books');
const CATALOGUE = token<BookCatalogue>('BookCatalogue');
const NUMBERS = token<Numbers>('Numbers');
const RELAY = token<Relay<BookRecord>>('Relay');

/** The book service, with its calls. */
export function composeBook(world: World, stores: BookStores): Service {
  const { useCases, work } = wireBook(world, stores);
  return {
    name: BOOK_SERVICE,
    summary: 'Books, and who holds them.',
    routes: [...bookRoutes(useCases), ...originalRoutes(useCases)],
    notReady: work.notReady,
    start: work.start,
    operations: work.operations,
  };
}

/** The wiring of the book service, all but its calls: reads from the top, what is outside first. */
export function wireBook(world: World, stores: BookStores) {
  const { clock, log } = world;
  const container = new Container({ defaultScope: 'Singleton' });

  container.bind(CATALOGUE).toConstantValue(stores.catalogue);
  container.bind(NUMBERS).toConstantValue(stores.numbers);
  container.bind(RELAY).toConstantValue(new Relay(stores.books, log, clock, relayReports(world, BOOK_SERVICE)));
  container.bind(BOOKS).toResolvedValue((relay) => relay.records, [RELAY]);

  container
    .bind(RegisterBook)
    .toResolvedValue((books, numbers) => new RegisterBook(books, numbers, clock), [BOOKS, NUMBERS]);
  container.bind(MoveBook).toResolvedValue((books) => new MoveBook(books), [BOOKS]);

  const work = participantWork(world, BOOK_SERVICE, container.get(RELAY), bookParticipant);
  const useCases = {
    books: container.get(BOOKS),
    catalogue: container.get(CATALOGUE),
    registerBook: container.get(RegisterBook),
    moveBook: container.get(MoveBook),
  };

  return { useCases, work };
}
