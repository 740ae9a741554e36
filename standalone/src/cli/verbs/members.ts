import type { Call } from '../call';
import { counted, pairs, table } from '../display';
import { andMore, LIMIT_OPTION, listed, wholeNumber } from '../pages';
import { Times } from '../times';
import type { Told } from '../told';
import type { Verb } from '../verb';

interface Member {
  readonly no: number;
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly status: string;
  readonly points: number;
}

interface LedgerEntry {
  readonly at: string;
  readonly step: string;
  readonly direction: string;
  readonly points: number;
  readonly saga?: string;
  readonly reason?: string;
  readonly actor?: string;
}

const KEY = {
  key: { takes: 'KEY', says: 'An idempotency key: the same command with the same key is done once.' },
} as const;

/** The members, and their points. */
export const MEMBERS: readonly Verb[] = [
  {
    name: 'member add',
    takes: ['id', 'name', 'email'],
    says: 'Register a member.',
    options: KEY,
    run: async (call) => {
      const body = { id: call.word('id'), name: call.word('name'), email: call.word('email') };
      const { body: added } = await call.ask<Member>('POST', '/members', { body, headers: keyHeader(call) });
      return call.told(added, ({ id, name }, paint) => `${paint.good('Registered.')} ${name} is known as ${id}.`);
    },
  },
  { name: 'member ls', says: 'List the members.', options: LIMIT_OPTION, run: list },
  {
    name: 'member show',
    takes: ['id'],
    says: 'Show a member.',
    run: async (call) =>
      call.told(await call.get<Member>(pathOf(call)), ({ no, id, name, email, status, points }, paint) =>
        pairs([
          ['no', no],
          ['id', id],
          ['name', paint.strong(name)],
          ['e-mail', email],
          ['status', status],
          ['points', points],
        ]),
      ),
  },
  {
    name: 'member points',
    takes: ['id'],
    says: 'Show a member’s points, and where they came from and went.',
    options: LIMIT_OPTION,
    run: ledger,
  },
  {
    name: 'member adjust',
    takes: ['id', 'points'],
    says: 'Add points by hand.',
    options: {
      reason: { takes: 'TEXT', says: 'Why; kept in the ledger.', isNeeded: true },
      actor: { takes: 'NAME', says: 'Who does it; you, when left out.' },
      ...KEY,
    },
    run: adjust,
  },
  {
    name: 'member close',
    takes: ['id'],
    says: 'Close a membership; what is out may still come back.',
    run: async (call) => {
      const { body: closed } = await call.ask<Member>('PUT', `${pathOf(call)}/closure`);
      return call.told(closed, ({ id, status }) => `${id} is ${status}.`);
    },
  },
];

async function list(call: Call): Promise<Told> {
  const page = await listed<Member>(call, '/members');
  return call.told(page, ({ items }, paint) => {
    if (items.length === 0) return 'Nobody is registered.';
    const rows = items.map(({ id, name, email, status, points: sum }) => [id, name, email, status, sum]);
    return table(['id', 'name', 'e-mail', 'status', 'points'], rows, paint) + andMore(page);
  });
}

async function ledger(call: Call): Promise<Told> {
  const times = new Times(call.environment.LIBRARY_ZONE);
  const page = await listed<LedgerEntry, { balance: number }>(call, `${pathOf(call)}/points`);
  return call.told(page, ({ balance, items }, paint) => {
    const rows = items.map(({ at, step, direction, points: moved, saga, reason, actor }) => {
      const what = `${step}${direction === 'undo' ? ' undone' : ''}`;
      return [times.full(at), what, moved, saga ?? `${reason} (${actor})`];
    });
    const lines = rows.length === 0 ? '' : `\n\n${table(['when', 'what', 'points', 'because of'], rows, paint)}`;
    return `${paint.strong(counted(balance, 'point'))}${lines}${andMore(page)}`;
  });
}

async function adjust(call: Call): Promise<Told> {
  const body = {
    points: wholeNumber(call.word('points'), '<points>', 1),
    reason: call.neededText('reason'),
    actor: call.text('actor') ?? call.terminal.user,
  };
  const { body: adjusted } = await call.ask<{ balance: number }>('POST', `${pathOf(call)}/adjustments`, {
    body,
    headers: keyHeader(call),
  });
  return call.told(
    adjusted,
    ({ balance }, paint) => `${paint.good('Added.')} ${call.word('id')} has ${counted(balance, 'point')} now.`,
  );
}

function pathOf(call: Call): string {
  return `/members/${encodeURIComponent(call.word('id'))}`;
}

function keyHeader(call: Call): Readonly<Record<string, string>> {
  const key = call.text('key');
  return key === undefined ? {} : { 'Idempotency-Key': key };
}
