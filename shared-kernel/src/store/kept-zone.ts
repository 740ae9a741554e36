import { Fault } from './fault';

/**
 * A library counts its days by the zone of its first start, which is kept with its data: by another one, days that were
 * counted already would be others. Throws the Fault `zone-changed` when `zone` is another; its other names are all right.
 */
export function mustBeKeptZone(kept: string, zone: string): void {
  if (canonical(kept) === canonical(zone)) return;
  throw new Fault(
    'zone-changed',
    `This library counts its days by the zone ${kept} since its first start, and cannot change to LIBRARY_ZONE=${zone}: start it with LIBRARY_ZONE=${kept}.`,
    false,
  );
}

/** One name for all names of a zone, which may be another one in another version of Node. */
function canonical(zone: string): string {
  return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
}
