import 'reflect-metadata';
import { Relay } from '@library/shared-kernel/outbox/relay';
import { participantWork } from '@library/shared-kernel/service/participant-work';
import { relayReports } from '@library/shared-kernel/service/relay-reports';
import type { Service } from '@library/shared-kernel/service/service';
import { token } from '@library/shared-kernel/service/token';
import { UuidV7 } from '@library/shared-kernel/service/uuid-v7';
import type { World } from '@library/shared-kernel/service/world';
import type { Archive, Numbers } from '@library/shared-kernel/store/records';
import { Container } from 'inversify';
import { memberRoutes } from './adapters/in/http/member-routes';
import { originalRoutes } from './adapters/in/http/original-routes';
import { AdjustPoints } from './application/adjust-points';
import { CloseMember } from './application/close-member';
import { memberParticipant } from './application/member-participant';
import type { MemberRecord } from './application/member-record';
import type { AdjustmentIds, MemberList, Members, MemberStores } from './application/ports';
import { RegisterMember } from './application/register-member';

export const MEMBER_SERVICE = 'member-service';

const MEMBERS = token<Members>('Members');
const LIST = token<MemberList>('MemberList');
const LEDGER = token<Archive>('Ledger');
const NUMBERS = token<Numbers>('Numbers');
const ADJUSTMENT_IDS = token<AdjustmentIds>('AdjustmentIds');
const RELAY = token<Relay<MemberRecord>>('Relay');

/** The member service, with its calls. */
export function composeMember(world: World, stores: MemberStores): Service {
  const { useCases, work } = wireMember(world, stores);
  return {
    name: MEMBER_SERVICE,
    summary: 'Members, and the points they earn and spend.',
    routes: [...memberRoutes(useCases), ...originalRoutes(useCases)],
    notReady: work.notReady,
    start: work.start,
    operations: work.operations,
  };
}

/** The wiring of the member service, all but its calls: reads from the top, what is outside first. */
export function wireMember(world: World, stores: MemberStores) {
  const { clock, log } = world;
  const container = new Container({ defaultScope: 'Singleton' });

  container.bind(LIST).toConstantValue(stores.list);
  container.bind(LEDGER).toConstantValue(stores.ledger);
  container.bind(NUMBERS).toConstantValue(stores.numbers);
  container.bind(ADJUSTMENT_IDS).toConstantValue(new UuidV7(clock, world.randomness));
  container.bind(RELAY).toConstantValue(new Relay(stores.members, log, clock, relayReports(world, MEMBER_SERVICE)));
  container.bind(MEMBERS).toResolvedValue((relay) => relay.records, [RELAY]);

  container
    .bind(RegisterMember)
    .toResolvedValue((members, numbers) => new RegisterMember(members, numbers, clock), [MEMBERS, NUMBERS]);
  container.bind(CloseMember).toResolvedValue((members) => new CloseMember(members), [MEMBERS]);
  container
    .bind(AdjustPoints)
    .toResolvedValue((members, ids) => new AdjustPoints(members, ids, clock), [MEMBERS, ADJUSTMENT_IDS]);

  const work = participantWork(world, MEMBER_SERVICE, container.get(RELAY), memberParticipant(container.get(LEDGER)));
  const useCases = {
    members: container.get(MEMBERS),
    list: container.get(LIST),
    ledger: container.get(LEDGER),
    registerMember: container.get(RegisterMember),
    closeMember: container.get(CloseMember),
    adjustPoints: container.get(AdjustPoints),
  };

  return { useCases, work };
}
