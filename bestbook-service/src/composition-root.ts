import 'reflect-metadata';
import { Relay } from '@library/shared-kernel/outbox/relay';
import { participantWork } from '@library/shared-kernel/service/participant-work';
import { relayReports } from '@library/shared-kernel/service/relay-reports';
import type { Service } from '@library/shared-kernel/service/service';
import type { ServiceWork } from '@library/shared-kernel/service/service-work';
import { token } from '@library/shared-kernel/service/token';
import type { World } from '@library/shared-kernel/service/world';
import { Container } from 'inversify';
import { bestBookRoutes } from './adapters/in/http/best-book-routes';
import { originalRoutes } from './adapters/in/http/original-routes';
import { BestBooks } from './application/best-books';
import { bestbookParticipant } from './application/bestbook-participant';
import type { BestBookStores, CurrentGeneration, Generation } from './application/ports';
import { Ranking } from './application/ranking';
import type { RentCountRecord } from './application/rent-count-record';

export const BESTBOOK_SERVICE = 'bestbook-service';

const CHOSEN = token<CurrentGeneration>('CurrentGeneration');

/** A generation as it runs: its own records, fences and consumer group, and the same participant. */
interface RunningGeneration extends Generation {
  readonly work: ServiceWork<RentCountRecord>;
}

/** The best-book service, with its calls. */
export function composeBestBook(world: World, stores: BestBookStores): Service {
  const { useCases, work } = wireBestBook(world, stores);
  return {
    name: BESTBOOK_SERVICE,
    summary: 'How often each book is rented.',
    routes: [...bestBookRoutes(useCases), ...originalRoutes(useCases)],
    notReady: work.notReady,
    start: work.start,
    operations: work.operations,
  };
}

/** The wiring of the best-book service, all but its calls: reads from the top, what is outside first. */
export function wireBestBook(world: World, stores: BestBookStores) {
  const { clock, calendar } = world;
  const container = new Container({ defaultScope: 'Singleton' });

  container.bind(CHOSEN).toConstantValue(stores.chosen);
  container.bind(Ranking).toResolvedValue((chosen) => new Ranking(generationOf, chosen, clock, failed), [CHOSEN]);
  container.bind(BestBooks).toResolvedValue((ranking) => new BestBooks(ranking), [Ranking]);

  const ranking = container.get(Ranking);
  const running = () => (ranking.running as RunningGeneration).work;
  return {
    useCases: { bestBooks: container.get(BestBooks), ranking },
    work: {
      notReady: () => (ranking.started ? running().notReady() : 'The ranking has not been started.'),
      start: () => ranking.start(),
      operations: {
        handleAgain: (message) => running().operations.handleAgain(message),
        findWaiting: (limit) => running().operations.findWaiting(limit),
        publishWaiting: (limit) => running().operations.publishWaiting(limit),
      },
    } satisfies Pick<Service, 'notReady' | 'start' | 'operations'>,
  };

  function failed(error: unknown): void {
    world.logger.warn(
      { err: error },
      `${BESTBOOK_SERVICE}: it could not follow a rebuild, or discard what it replaces`,
    );
  }

  function generationOf(number: number): RunningGeneration {
    const kept = stores.generation(number);
    const group = number === 1 ? BESTBOOK_SERVICE : `${BESTBOOK_SERVICE}.${number}`;
    let answers = false;
    const relay = new Relay(kept.counts, world.log, clock, relayReports(world, BESTBOOK_SERVICE));
    const work = participantWork(world, group, relay, bestbookParticipant(calendar), { answers: () => answers });

    return {
      number,
      work,
      counts: kept.ofAll,
      start: async () => {
        await kept.ready();
        return work.start();
      },
      answer: () => void (answers = true),
      behind: () => work.behind(),
      isNew: () => work.isNew(),
      hasWholePast: () => work.hasWholePast(),
      discard: () => kept.discard(),
    };
  }
}
