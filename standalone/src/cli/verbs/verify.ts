import type { VerifyReport } from '../../verify/report';
import type { Call } from '../call';
import { counted, table } from '../display';
import { EXIT } from '../exit';
import type { Told } from '../told';
import type { Verb } from '../verb';

/** Whether everything is as it must be. */
export const VERIFY: readonly Verb[] = [
  {
    name: 'verify',
    says: 'Check the invariants: whether cards, books, points and counts agree.',
    more: 'Ends with 6 when one is broken.',
    run: verify,
  },
];

async function verify(call: Call): Promise<Told> {
  const report = await call.look<VerifyReport>('/ops/verify');
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
