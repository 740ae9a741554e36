import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cardRoutes } from '@library/rental-service/adapters/in/http/card-routes';
import { sagaRoutes } from '@library/rental-service/adapters/in/http/saga-routes';
import type { RentalUseCases } from '@library/rental-service/adapters/in/http/use-cases';
import { EmbeddedCardLists } from '@library/rental-service/adapters/out/embedded/card-lists.embedded';
import { SagaFeed } from '@library/rental-service/application/saga-feed';
import { Sagas } from '@library/rental-service/application/sagas';
import { ArchivedDocuments } from '@library/shared-kernel/embedded/archive.embedded';
import { LogReader } from '@library/shared-kernel/embedded/log-reader';
import type { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import type { SqlValue } from '@library/shared-kernel/embedded/sql-value';
import { listen } from '@library/shared-kernel/http/listening';
import type { Route } from '@library/shared-kernel/http/routes';
import { serviceApp } from '@library/shared-kernel/http/service-app';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { shiftOf, type Environment } from '@library/shared-kernel/service/environment';
import { outboxRoutes } from '@library/shared-kernel/operations/outbox-routes';
import { parkedRoutes } from '@library/shared-kernel/operations/parked-routes';
import { DATA_FILES } from '../library';
import { takeOverJournal } from '../operations/left-journal';
import { eventRoutes } from '../operations/event-routes';
import { topicRoutes } from '../operations/topic-routes';
import { verifyRoutes } from '../operations/verify-routes';
import { verifyFolder } from '../verify/verify';
import { LibraryApi } from './library-api';
import { publishersIn, ReadOnlyCards } from './stored-records';

/** A data folder that answers as the library would, as far as that only reads. */
export interface FolderServer {
  readonly api: LibraryApi;
  close(): Promise<void>;
}

/**
 * Undefined when there is no data folder. Reads the files, and writes nothing, but for what a process that was killed has
 * left in the journal.
 */
export async function serveFolder(folder: string, environment: Environment): Promise<FolderServer | undefined> {
  const paths = Object.values(DATA_FILES).map((name) => join(folder, name));
  if (!paths.every((path) => existsSync(path))) return undefined;

  const { LIBRARY_ZONE: zone, LIBRARY_NOW: libraryNow } = environment;
  const clock = new SystemClock(shiftOf(libraryNow, Date.now()));
  await takeOverJournal(folder);
  const rental = SqlFile.openReadOnly(join(folder, DATA_FILES.rental));
  const looking: Pick<ServiceFile, 'rows'> = {
    rows: async <Row extends object>(sql: string, ...values: readonly SqlValue[]) =>
      rental.statement<Row>(sql).all(...values),
  };
  const log = LogReader.open(join(folder, DATA_FILES.log));
  const archive = new ArchivedDocuments(looking);
  const cards = new ReadOnlyCards(rental);
  const lists = new EmbeddedCardLists(looking);
  const sagas = new Sagas(cards, lists, archive, new SagaFeed(clock), clock);
  // Whatever only reads is made of these.
  const reading = { cards, lists, archive, sagas } as unknown as RentalUseCases;

  const routes: readonly Route[] = [
    ...[...cardRoutes(reading), ...sagaRoutes(reading)].filter(({ method }) => method === 'GET'),
    ...parkedRoutes(log.parked),
    ...outboxRoutes(publishersIn(folder), clock),
    ...eventRoutes(log, archive, clock),
    ...topicRoutes(log),
    ...verifyRoutes(() => verifyFolder(folder, zone)),
  ];
  const about = { name: 'folder', version: '0', summary: 'What a data folder holds.' };
  const silent = { warn: () => undefined, error: ({ err }: { err?: unknown }) => console.error(err) };
  const app = serviceApp({ ...about, routes, health: {}, metrics: [], speakers: [] }, { clock, log: silent });
  const listening = await listen(app, { host: '127.0.0.1', port: 0 });

  return {
    api: new LibraryApi(`http://127.0.0.1:${listening.port}`),
    close: async () => {
      await listening.stop(0);
      rental.close();
    },
  };
}
