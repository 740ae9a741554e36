import 'reflect-metadata';
import { RESULT_TOPIC } from '@library/shared-kernel/contracts/event-result';
import type { EventResult } from '@library/shared-kernel/contracts/event-result';
import { sagaId } from '@library/shared-kernel/domain/identifiers';
import type { EventMessage } from '@library/shared-kernel/messaging/event-message';
import { Hearing } from '@library/shared-kernel/messaging/hearing';
import { Relay } from '@library/shared-kernel/outbox/relay';
import { relayReports } from '@library/shared-kernel/service/relay-reports';
import { sagaReports } from '@library/shared-kernel/service/saga-reports';
import type { Service } from '@library/shared-kernel/service/service';
import { ServiceWork } from '@library/shared-kernel/service/service-work';
import { token } from '@library/shared-kernel/service/token';
import { UuidV7 } from '@library/shared-kernel/service/uuid-v7';
import type { World } from '@library/shared-kernel/service/world';
import type { Archive } from '@library/shared-kernel/store/records';
import { Container } from 'inversify';
import { originalRoutes } from './adapters/in/http/original-routes';
import { rentalRoutes } from './adapters/in/http/rental-routes';
import { ClearOverdue } from './application/clear-overdue';
import { ForgetKeys } from './application/forget-keys';
import { LookAfterSagas } from './application/look-after-sagas';
import { MakeOverdue } from './application/make-overdue';
import { MarkOverdue } from './application/mark-overdue';
import { OpenCard } from './application/open-card';
import { Orchestrator } from './application/orchestrator';
import type { CardLists, RentalCards, RentalStores, SagaIds } from './application/ports';
import { RentItem } from './application/rent-item';
import type { RentalRecord } from './application/rental-record';
import { ReturnItem } from './application/return-item';
import { SagaFeed } from './application/saga-feed';
import { Sagas } from './application/sagas';
import { SettleSaga } from './application/settle-saga';
import { TakeResult } from './application/take-result';

export const RENTAL_SERVICE = 'rental-service';

const CARDS = token<RentalCards>('RentalCards');
const LISTS = token<CardLists>('CardLists');
const ARCHIVE = token<Archive>('Archive');
const RELAY = token<Relay<RentalRecord>>('Relay');
const IDS = token<SagaIds>('SagaIds');

/** The rental service, with its calls. */
export function composeRental(world: World, stores: RentalStores): Service {
  const { useCases, work } = wireRental(world, stores);
  return {
    name: RENTAL_SERVICE,
    summary: 'Rental cards, and the sagas that lend, take back and clear.',
    routes: [...rentalRoutes(useCases), ...originalRoutes(useCases)],
    notReady: work.notReady,
    start: work.start,
    operations: work.operations,
  };
}

/** The wiring of the rental service, all but its calls: reads from the top, what is outside first. */
export function wireRental(world: World, stores: RentalStores) {
  const { clock, calendar, timing, log } = world;
  const uuids = new UuidV7(clock, world.randomness);
  const container = new Container({ defaultScope: 'Singleton' });

  container.bind(ARCHIVE).toConstantValue(stores.archive);
  container.bind(LISTS).toConstantValue(stores.lists);
  container.bind(IDS).toConstantValue({ next: () => sagaId(uuids.next()) });
  container.bind(SagaFeed).toConstantValue(new SagaFeed(clock, sagaReports(world)));
  container.bind(Hearing).toConstantValue(new Hearing(log, RENTAL_SERVICE, [RESULT_TOPIC], clock, timing.graceMs));
  container
    .bind(RELAY)
    .toResolvedValue(
      (feed) => new Relay(feed.following(stores.cards), log, clock, relayReports(world, RENTAL_SERVICE)),
      [SagaFeed],
    );
  container.bind(CARDS).toResolvedValue((relay) => relay.records, [RELAY]);

  container.bind(Orchestrator).toResolvedValue((hearing) => new Orchestrator(clock, timing, hearing), [Hearing]);
  container.bind(OpenCard).toResolvedValue((cards) => new OpenCard(cards), [CARDS]);
  container
    .bind(RentItem)
    .toResolvedValue(
      (cards, sagas, ids) => new RentItem(cards, sagas, ids, calendar, clock),
      [CARDS, Orchestrator, IDS],
    );
  container
    .bind(ReturnItem)
    .toResolvedValue(
      (cards, sagas, ids) => new ReturnItem(cards, sagas, ids, calendar, clock),
      [CARDS, Orchestrator, IDS],
    );
  container
    .bind(ClearOverdue)
    .toResolvedValue((cards, sagas, ids) => new ClearOverdue(cards, sagas, ids, clock), [CARDS, Orchestrator, IDS]);
  container
    .bind(MarkOverdue)
    .toResolvedValue((cards, lists) => new MarkOverdue(cards, lists, calendar, clock), [CARDS, LISTS]);
  container.bind(MakeOverdue).toResolvedValue((cards) => new MakeOverdue(cards, calendar, clock), [CARDS]);
  container.bind(SettleSaga).toResolvedValue((cards, sagas) => new SettleSaga(cards, sagas), [CARDS, Orchestrator]);
  container
    .bind(Sagas)
    .toResolvedValue(
      (cards, lists, archive, feed) => new Sagas(cards, lists, archive, feed, clock),
      [CARDS, LISTS, ARCHIVE, SagaFeed],
    );
  container.bind(TakeResult).toResolvedValue((sagas) => new TakeResult(sagas), [Orchestrator]);
  container.bind(ForgetKeys).toResolvedValue((cards) => new ForgetKeys(cards, clock), [CARDS]);
  container
    .bind(LookAfterSagas)
    .toResolvedValue(
      (cards, sagas, hearing) => new LookAfterSagas(cards, sagas, hearing, clock, timing),
      [CARDS, Orchestrator, Hearing],
    );

  const work = new ServiceWork(world, {
    group: RENTAL_SERVICE,
    topics: [RESULT_TOPIC],
    relay: container.get(RELAY),
    react: (message) => container.get(TakeResult).react(message as EventMessage<EventResult>),
    jobs: [
      { name: 'listen', everyMs: 2_000, everywhere: true, run: () => container.get(Hearing).listen() },
      { name: 'look after sagas', everyMs: 1_000, run: () => container.get(LookAfterSagas).execute() },
      { name: 'mark overdue', everyMs: 60_000, run: () => container.get(MarkOverdue).execute() },
      { name: 'forget keys', everyMs: 60_000, run: () => container.get(ForgetKeys).execute() },
    ],
  });

  const useCases = {
    cards: container.get(CARDS),
    lists: container.get(LISTS),
    archive: container.get(ARCHIVE),
    calendar,
    sagas: container.get(Sagas),
    openCard: container.get(OpenCard),
    rentItem: container.get(RentItem),
    returnItem: container.get(ReturnItem),
    clearOverdue: container.get(ClearOverdue),
    markOverdue: container.get(MarkOverdue),
    makeOverdue: container.get(MakeOverdue),
    settleSaga: container.get(SettleSaga),
  };

  return { useCases, work };
}
