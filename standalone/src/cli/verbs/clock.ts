import type { Call } from '../call';
import { duration } from '../display';
import { CannotDo, EXIT } from '../exit';
import { Times } from '../times';
import type { Told } from '../told';
import type { Verb } from '../verb';

interface Clock {
  readonly now: string;
  readonly today: string;
  readonly zone: string;
  readonly aheadMs: number;
}

/** What time it is for the library. */
export const CLOCK: readonly Verb[] = [
  {
    name: 'clock',
    takes: ['shift?'],
    says: 'Show the library’s clock or, for a demonstration, move it: by +15d, -3h, +20m, +30s.',
    instead: 'only an embedded library does. A distributed one goes by the clocks of its machines.',
    more: 'The machine’s clock stays as it is, and the next start begins with that one again.',
    run: clock,
  },
];

async function clock(call: Call): Promise<Told> {
  const shift = call.extraWord('shift');
  const told = shift === undefined ? await call.get<Clock>('/ops/clock') : await moved(call, shift);
  return call.told(told, ({ now, today, zone, aheadMs }, paint) => {
    const shifted =
      Math.abs(aheadMs) < 1_000
        ? ''
        : `, ${duration(Math.round(Math.abs(aheadMs) / 1_000) * 1_000)} ${aheadMs > 0 ? 'ahead of' : 'behind'} the machine’s`;
    return `${paint.strong(new Times(zone).full(now))} in ${zone}${shifted}; today is ${today}.`;
  });
}

async function moved(call: Call, shift: string): Promise<Clock> {
  if (!/^[+-]\d{1,6}[dhms]$/.test(shift)) {
    throw new CannotDo(EXIT.usage, `"${shift}" is no shift: it looks like +15d, -3h, +20m or +30s.`);
  }
  return (await call.ask<Clock>('POST', '/ops/clock', { body: { shift } })).body;
}
