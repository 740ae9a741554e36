import type { Route } from '@library/shared-kernel/http/routes';
import { ReplayParked } from '@library/shared-kernel/messaging/replay-parked';
import type { Service } from '@library/shared-kernel/service/service';
import { outboxRoutes, publicationRoutes } from '@library/shared-kernel/operations/outbox-routes';
import { parkedRoutes, replayRoutes } from '@library/shared-kernel/operations/parked-routes';
import type { Library } from './library';
import { backupRoutes } from './operations/backup-routes';
import { clockRoutes } from './operations/clock-routes';
import { eventRoutes } from './operations/event-routes';
import { takeSnapshot } from './operations/snapshot';
import { topicRoutes } from './operations/topic-routes';
import { verifyRoutes } from './operations/verify-routes';
import { verifyLibrary } from './verify/verify';

/** What operators see and do: with the outboxes and parked messages of these services, and with the library as a whole. */
export function operatorRoutes(library: Library, services: readonly Service[]): readonly Route[] {
  const { log, parking, files, journal, settings } = library;
  const { clock, zone, folder } = settings;

  return [
    ...parkedRoutes(parking),
    ...replayRoutes(new ReplayParked(parking, handlersOf(services), log, clock)),
    ...outboxRoutes(services, clock),
    ...publicationRoutes(services),
    ...eventRoutes(log, files.rental.archive, clock),
    ...topicRoutes(log),
    ...verifyRoutes(() => verifyLibrary(library)),
    ...backupRoutes((target) => journal.still(() => takeSnapshot(files.rental.direct, folder, target))),
    ...clockRoutes(clock, zone),
  ];
}

/** By consumer group: a rebuilt ranking's has the service's name and a number, and goes to the ranking that runs now. */
function handlersOf(services: readonly Service[]) {
  const byName = new Map(services.map(({ name, operations }) => [name, operations.handleAgain.bind(operations)]));
  return { get: (group: string) => byName.get(group.replace(/\.\d+$/, '')) };
}
