import 'reflect-metadata';
import type { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import { Relay } from '@library/shared-kernel/outbox/relay';
import { participantWork } from '@library/shared-kernel/service/participant-work';
import { rejections } from '@library/shared-kernel/service/rejections';
import type { Service } from '@library/shared-kernel/service/service';
import type { ServiceWork } from '@library/shared-kernel/service/service-work';
import { token } from '@library/shared-kernel/service/token';
import type { World } from '@library/shared-kernel/service/world';
import { Container } from 'inversify';
import { bestBookRoutes } from './adapters/in/http/best-book-routes';
import { originalRoutes } from './adapters/in/http/original-routes';
import { EmbeddedCountsOfAll } from './adapters/out/embedded/counts-of-all.embedded';
import { EmbeddedCurrentGeneration } from './adapters/out/embedded/current-generation.embedded';
import { BestBooks } from './application/best-books';
import { bestbookParticipant } from './application/bestbook-participant';
import type { CurrentGeneration, Generation } from './application/ports';
import { Ranking } from './application/ranking';
import { rentCountKind } from './application/rent-count-kind';
import type { RentCountRecord } from './application/rent-count-record';

export const BESTBOOK_SERVICE = 'bestbook-service';

const CHOSEN = token<CurrentGeneration>('CurrentGeneration');

/** A generation as it runs: its own records, fences and consumer group, and the same participant. */
interface RunningGeneration extends Generation {
  readonly work: ServiceWork<RentCountRecord>;
}

/** The wiring of the best-book service: reads from the top, what is outside first. */
export function composeBestBook(world: World, file: ServiceFile): Service {
  const { clock, calendar } = world;
  const container = new Container({ defaultScope: 'Singleton' });

  container.bind(CHOSEN).toConstantValue(new EmbeddedCurrentGeneration(file));
  container.bind(Ranking).toResolvedValue((chosen) => new Ranking(generationOf, chosen, clock), [CHOSEN]);
  container.bind(BestBooks).toResolvedValue((ranking) => new BestBooks(ranking), [Ranking]);

  const ranking = container.get(Ranking);
  const running = () => (ranking.running as RunningGeneration).work;

  return {
    name: BESTBOOK_SERVICE,
    summary: 'How often each book is rented.',
    routes: [
      ...bestBookRoutes({ bestBooks: container.get(BestBooks), ranking }),
      ...originalRoutes({ bestBooks: container.get(BestBooks) }),
    ],
    notReady: () => (ranking.started ? running().notReady() : 'The ranking has not been started.'),
    start: () => ranking.start(),
    operations: {
      handleAgain: (message) => running().operations.handleAgain(message),
      findWaiting: (limit) => running().operations.findWaiting(limit),
      publishWaiting: (limit) => running().operations.publishWaiting(limit),
    },
  };

  function generationOf(number: number): RunningGeneration {
    const kind = rentCountKind(number);
    const group = number === 1 ? BESTBOOK_SERVICE : `${BESTBOOK_SERVICE}.${number}`;
    let answers = false;
    const relay = new Relay(
      file.records(kind, { indexes: [['total']] }),
      world.log,
      clock,
      rejections(world, BESTBOOK_SERVICE),
    );
    const counts = new EmbeddedCountsOfAll(file, kind.name);
    const work = participantWork(world, group, relay, bestbookParticipant(calendar), { answers: () => answers });

    return {
      number,
      work,
      counts,
      start: work.start,
      answer: () => void (answers = true),
      behind: () => work.behind(),
      discard: () => counts.discard(),
    };
  }
}
