import type { Call } from '../call';
import { counted, pairs, table, type Paint } from '../display';
import { CannotDo, EXIT } from '../exit';
import { EACH_SERVICE } from '../syntax';
import { andMore, LIMIT_OPTION, listed } from '../pages';
import { Times } from '../times';
import type { Told } from '../told';
import type { Verb } from '../verb';

interface Parked {
  readonly id: string;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key?: string;
  readonly messageId?: string;
  readonly type?: string;
  readonly reason: string;
  readonly detail: string;
  readonly firstParkedAt: string;
  readonly lastParkedAt: string;
  readonly count: number;
  readonly state: string;
}

interface ParkedInFull extends Parked {
  readonly time: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value?: { readonly encoding: string; readonly content: string };
  readonly notes: readonly {
    readonly at: string;
    readonly actor: string;
    readonly did: string;
    readonly reason?: string;
  }[];
}

interface Handled {
  readonly did: string;
  readonly parked: ParkedInFull;
}

interface BulkRelease {
  readonly parked: number;
  readonly released: number;
  readonly obsolete: number;
  readonly failedAgain: number;
  readonly skipped: number;
  readonly stoppedBy?: string;
}

const BY = {
  actor: { takes: 'NAME', says: 'Who does it; you, when left out.' },
  reason: { takes: 'TEXT', says: 'Why; kept with the message.', isNeeded: true },
} as const;

/** Messages that could not be handled, and what is done about them. */
export const PARKED: readonly Verb[] = [
  {
    name: 'parked ls',
    says: 'List the messages that could not be handled, the newest first.',
    instead: EACH_SERVICE,
    options: {
      group: { takes: 'GROUP', says: 'Those of one consumer group.' },
      state: { takes: 'STATE', says: 'parked, released, obsolete or discarded; parked when left out.' },
      all: { says: 'In whatever state.' },
      ...LIMIT_OPTION,
    },
    data: 'in-place-of-url',
    run: list,
  },
  {
    name: 'parked show',
    takes: ['id'],
    says: 'Show a parked message: its bytes, its headers, and what was done about it.',
    instead: EACH_SERVICE,
    data: 'in-place-of-url',
    run: show,
  },
  {
    name: 'parked release',
    takes: ['id?'],
    says: 'Give a parked message back to the group that parked it, or all of them.',
    instead: EACH_SERVICE,
    more: 'A message that its group has no use for any more becomes obsolete; one that fails again stays parked.',
    options: {
      all: { says: 'All that are parked now.' },
      group: { takes: 'GROUP', says: 'With --all: those of one group.' },
      ...BY,
    },
    run: release,
  },
  {
    name: 'parked discard',
    takes: ['id'],
    says: 'Set a parked message aside for good; it can be restored.',
    instead: EACH_SERVICE,
    options: BY,
    run: (call) => act(call, 'discard'),
  },
  {
    name: 'parked restore',
    takes: ['id'],
    says: 'Take the discard of a message back.',
    instead: EACH_SERVICE,
    options: BY,
    run: (call) => act(call, 'restore'),
  },
];

async function list(call: Call): Promise<Told> {
  const times = new Times(call.environment.LIBRARY_ZONE);
  const state = call.flag('all') ? undefined : (call.text('state') ?? 'parked');
  const page = await listed<Parked>(call, '/ops/parked', { group: call.text('group'), state }, 'look');
  return call.told(page, ({ items }, paint) => {
    if (items.length === 0) return 'Nothing is parked.';
    const rows = items.map(({ id, group, topic, type, lastParkedAt, count, state: now, reason, detail }) => {
      return [id, times.full(lastParkedAt), group, type ?? topic, count, now, reason, detail];
    });
    return table(['id', 'last', 'group', 'what', 'times', 'state', 'reason', 'detail'], rows, paint) + andMore(page);
  });
}

async function show(call: Call): Promise<Told> {
  const found = await call.look<ParkedInFull>(pathOf(call));
  return call.told(found, (parked, paint) => parkedText(call, parked, paint));
}

async function release(call: Call): Promise<Told> {
  if (!call.flag('all')) return act(call, 'release');
  if (call.extraWord('id') !== undefined) throw new CannotDo(EXIT.usage, 'Name a message or --all, not both.');

  const group = call.text('group');
  const body = { ...by(call), ...(group === undefined ? {} : { group }) };
  const { body: released } = await call.ask<BulkRelease>('POST', '/ops/parked/releases', { body });
  const { stoppedBy, failedAgain } = released;
  const exit = stoppedBy === undefined ? (failedAgain > 0 ? EXIT.failed : EXIT.ok) : EXIT.unavailable;
  return call.told(released, bulkText, exit);
}

async function act(call: Call, verb: 'release' | 'discard' | 'restore'): Promise<Told> {
  const id = call.extraWord('id');
  if (id === undefined) throw new CannotDo(EXIT.usage, 'Name a message, or --all.');

  const { body: handled } = await call.ask<Handled>('POST', `${pathOf(call)}/${verb}`, { body: by(call) });
  return call.told(handled, ({ did, parked }, paint) => didText(verb, did, parked, paint), exitOf(handled.did));
}

function exitOf(did: string) {
  if (did === 'nothing') return EXIT.conflict;
  return did === 'failed-again' ? EXIT.failed : EXIT.ok;
}

function didText(verb: string, did: string, { id, state, reason, detail, count }: ParkedInFull, paint: Paint): string {
  switch (did) {
    case 'released':
      return `${paint.good('Released.')} Its group has taken the message up.`;
    case 'obsolete':
      return `${paint.good('Obsolete.')} Its group had no use for the message any more: it changed nothing.`;
    case 'failed-again':
      return `${paint.bad('It failed again')}, and is parked for the ${count}. time. ${reason}: ${detail}`;
    case 'nothing':
      return `${paint.warn('Nothing was done:')} the message is ${state}.${whatInstead(verb, state, id)}`;
    default:
      return paint.good(`The message is ${state}.`);
  }
}

function whatInstead(verb: string, state: string, id: string): string {
  return verb === 'release' && state === 'discarded' ? ` \`library parked restore ${id}\` takes that back.` : '';
}

function bulkText({ parked, released, obsolete, failedAgain, skipped, stoppedBy }: BulkRelease, paint: Paint): string {
  if (parked === 0) return 'Nothing is parked.';
  const parts = [
    `${released} released`,
    `${obsolete} obsolete`,
    failedAgain > 0 ? paint.bad(`${failedAgain} failed again`) : '',
    skipped > 0 ? `${skipped} skipped` : '',
  ].filter(Boolean);
  const counts = `${counted(parked, 'message was', 'messages were')} parked: ${parts.join(', ')}.`;
  return stoppedBy === undefined
    ? counts
    : `${counts}\n${paint.bad('It stopped:')} ${stoppedBy} Do it again when that is put right; it goes on where it was.`;
}

function parkedText(call: Call, parked: ParkedInFull, paint: Paint): string {
  const times = new Times(call.environment.LIBRARY_ZONE);
  const { id, group, topic, partition, offset, key, state, reason, detail, count, headers, value, notes } = parked;
  const head = pairs([
    ['id', id],
    ['group', group],
    ['from', `${topic}[${partition}]@${offset}`],
    ['key', key],
    ['state', paint.strong(state)],
    ['why', `${paint.warn(reason)}: ${detail}`],
    ['first', times.full(parked.firstParkedAt)],
    ['last', `${times.full(parked.lastParkedAt)}, ${counted(count, 'time')} in all`],
  ]);
  const content = value
    ? `${paint.dim(`value, ${value.encoding}`)}\n${value.content}`
    : paint.dim('no value (a tombstone)');
  const told = notes.map(
    ({ at, actor, did, reason: why }) =>
      `${paint.dim(times.full(at))}  ${did} by ${actor}${why === undefined ? '' : `: ${why}`}`,
  );
  return [head, pairs(Object.entries(headers)), content, told.join('\n')].filter((part) => part !== '').join('\n\n');
}

function by(call: Call) {
  return { actor: call.text('actor') ?? call.terminal.user, reason: call.neededText('reason') };
}

function pathOf(call: Call): string {
  return `/ops/parked/${encodeURIComponent(call.word('id'))}`;
}
