import { Fault } from '@library/shared-kernel/store/fault';
import { deploymentAddress } from '../../verify/deployment';
import type { VerifyReport } from '../../verify/report';
import { verifyDistributed } from '../../verify/verify-distributed';
import type { Call } from '../call';
import { counted, table } from '../display';
import { CannotDo, EXIT } from '../exit';
import type { Told } from '../told';
import type { Verb } from '../verb';

/** Whether everything is as it must be. */
export const VERIFY: readonly Verb[] = [
  {
    name: 'verify',
    says: 'Check the invariants: whether cards, books, points and counts agree.',
    instead: 'a distributed library is checked with `MODE=distributed KAFKA_BROKERS=… MONGO_URL=… npx library verify`.',
    more: 'With MODE=distributed it reads the databases and topics themselves, as KAFKA_BROKERS and MONGO_URL name them, and looks several times when something moves. Ends with 6 when an invariant is broken, with 5 when nothing answers.',
    data: 'in-place-of-url',
    run: verify,
  },
];

async function verify(call: Call): Promise<Told> {
  const isDistributed = call.environment.MODE === 'distributed' && !call.isPlaceNamed;
  const report = isDistributed ? await distributed(call) : await call.look<VerifyReport>('/ops/verify');
  return call.told(
    report,
    ({ ok, quiescent, checks, notes }, paint) => {
      const rows = checks.map(({ id, title, looked, offenders }) => {
        return [offenders.length === 0 ? paint.good('ok') : paint.bad('BROKEN'), id, looked, title];
      });
      const broken = checks.flatMap(({ id, offenders }) =>
        offenders.map((offender) => `${paint.bad(id)}  ${offender}`),
      );
      const verdict = ok
        ? paint.good('Every invariant holds.')
        : paint.bad(`${counted(broken.length, 'thing is', 'things are')} wrong.`);
      const still = quiescent ? '' : ' Something is in flight.';
      return [
        table(['', 'id', 'looked at', 'invariant'], rows, paint),
        '',
        ...broken,
        ...notes,
        `${verdict}${still}`,
      ].join('\n');
    },
    report.ok ? EXIT.ok : EXIT.broken,
  );
}

async function distributed({ environment }: Call): Promise<VerifyReport> {
  try {
    return await verifyDistributed(deploymentAddress(environment), { zone: environment.LIBRARY_ZONE });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new CannotDo(EXIT.unavailable, `${error.message} See KAFKA_BROKERS and MONGO_URL, and whether both run.`);
  }
}
