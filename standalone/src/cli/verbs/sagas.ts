import type { Page, Saga, SagaEvent, ToldSaga } from '../answers';
import type { Call } from '../call';
import { pairs, table, visible, type Paint } from '../display';
import { CannotDo, EXIT } from '../exit';
import { andMore, LIMIT_OPTION, listed } from '../pages';
import { storyOf } from '../saga-story';
import { Times } from '../times';
import type { Told } from '../told';
import type { Verb } from '../verb';

/** A message, as `/ops/events` tells of it. */
interface FlowEvent {
  readonly at: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly type?: string;
  readonly direction?: string;
  readonly awaits?: readonly string[];
  readonly participant?: string;
  readonly answer?: string;
  readonly reason?: string;
  readonly parked?: { readonly by: string; readonly because: string };
}

interface Flow {
  readonly items: readonly FlowEvent[];
  readonly complete: boolean;
}

/** The sagas: how each is getting on, and what an operator can do about it. */
export const SAGAS: readonly Verb[] = [
  { name: 'saga', takes: ['id'], says: 'Show a saga and its story.', data: 'in-place-of-url', run: show },
  {
    name: 'saga ls',
    says: 'List the sagas, the newest first.',
    options: {
      status: { takes: 'STATUS', says: 'RUNNING, CONFIRMING, COMPENSATING, COMPLETED or COMPENSATED.' },
      type: { takes: 'TYPE', says: 'RENT, RETURN or OVERDUE.' },
      member: { takes: 'ID', says: 'Those of one member.' },
      attention: { says: 'Those that somebody should look at.' },
      ...LIMIT_OPTION,
    },
    data: 'in-place-of-url',
    run: list,
  },
  {
    name: 'saga watch',
    takes: ['id'],
    says: 'Follow a saga until it ends.',
    more: 'Comes back by itself when the connection is lost.',
    run: watch,
  },
  {
    name: 'saga trace',
    takes: ['id?'],
    says: 'List all messages of a saga, or of all that followed from one request.',
    instead:
      'only an embedded library does. In a distributed one, `library outbox events --saga <id> --url http://localhost:8081` lists what the rental-service has published, and its neighbours up to 8084 the rest.',
    options: {
      correlation: { takes: 'ID', says: 'Instead of a saga: the X-Correlation-ID of a request.' },
      since: {
        takes: 'TIME',
        says: 'With --correlation: how far back to look, as in 2026-11-21T10:00:00Z; an hour when left out.',
      },
    },
    data: 'in-place-of-url',
    run: trace,
  },
  {
    name: 'saga settle',
    takes: ['id', 'participant'],
    says: 'Record that a participant’s part was seen to by hand.',
    more: 'It then counts as the answer of that participant: see to it first.',
    options: {
      actor: { takes: 'NAME', says: 'Who has seen to it; you, when left out.' },
      reason: { takes: 'TEXT', says: 'What was done.', isNeeded: true },
    },
    run: settle,
  },
];

async function show(call: Call): Promise<Told> {
  return call.told(await call.look<ToldSaga>(pathOf(call)), (saga, paint) => sagaText(call, saga, paint));
}

async function list(call: Call): Promise<Told> {
  const times = new Times(call.environment.LIBRARY_ZONE);
  const query = {
    status: call.text('status'),
    type: call.text('type'),
    member: call.text('member'),
    attention: call.flag('attention') ? true : undefined,
  };
  const page = await listed<Saga>(call, '/sagas', query, 'look');
  return call.told(page, ({ items }: Page<Saga>, paint) => {
    if (items.length === 0) return 'No saga fits.';
    const rows = items.map(({ id, type, member, item, status, reason, attention, startedAt }) => {
      const why = [reason, attention && paint.bad(`attention: ${attention}`)].filter(Boolean).join(', ');
      return [id, times.full(startedAt), type, member, item?.title, statusText(status, paint), why];
    });
    return table(['id', 'begun', 'type', 'member', 'book', 'status', 'why'], rows, paint) + andMore(page);
  });
}

async function watch(call: Call): Promise<Told> {
  const times = new Times(call.environment.LIBRARY_ZONE);
  const events: SagaEvent[] = [];
  for await (const event of storyOf(call, pathOf(call))) {
    events.push(event);
    if (!call.isJson) call.terminal.out(`${eventLine(times, visible(event), call.paint)}\n`);
  }
  const { status, reason } = await call.get<Saga>(pathOf(call));
  return call.told({ status, ...(reason === undefined ? {} : { reason }), events }, (told, paint) =>
    statusText(told.status, paint),
  );
}

async function trace(call: Call): Promise<Told> {
  const [saga, correlation] = [call.extraWord('id'), call.text('correlation')];
  if ((saga === undefined) === (correlation === undefined)) {
    throw new CannotDo(EXIT.usage, 'Name either a saga or a --correlation.');
  }
  const times = new Times(call.environment.LIBRARY_ZONE);
  const flow = await call.look<Flow>('/ops/events', { saga, correlation, since: call.text('since') });
  if (flow.items.length === 0) {
    throw new CannotDo(
      EXIT.notFound,
      `No message of ${saga ?? `the correlation ${correlation}`} is in the topics.${saga === undefined ? ' Look further back with --since.' : ''}`,
    );
  }
  return call.told(flow, ({ items, complete }, paint) => {
    const rows = items.map((event) => [
      times.clock(event.at),
      event.type,
      whoText(event),
      answerText(event, paint),
      `${event.topic}[${event.partition}]@${event.offset}`,
    ]);
    const rest = complete ? '' : '\n… there was too much to look through: --since makes it less.';
    return table(['when', 'what', 'who', 'answer', 'where'], rows, paint) + rest;
  });
}

async function settle(call: Call): Promise<Told> {
  const body = {
    participant: call.word('participant'),
    actor: call.text('actor') ?? call.terminal.user,
    reason: call.neededText('reason'),
  };
  const path = `/ops/sagas/${encodeURIComponent(call.word('id'))}/settlements`;
  const { body: settled } = await call.ask<ToldSaga>('POST', path, { body });
  return call.told(settled, (saga, paint) => `${paint.good('Settled.')}\n${sagaText(call, saga, paint)}`);
}

function sagaText(call: Call, saga: ToldSaga, paint: Paint): string {
  const times = new Times(call.environment.LIBRARY_ZONE);
  const { id, type, member, item, status, reason, attention, startedAt, dueAt, endedAt, correlationId, steps } = saga;
  const head = pairs([
    ['saga', id],
    ['what', `${type} by ${member}${item ? `: ${item.title} (${item.no})` : ''}`],
    ['status', `${statusText(status, paint)}${reason === undefined ? '' : `, ${reason}`}`],
    ['attention', attention && paint.bad(`${attention}: somebody should look at it`)],
    ['begun', times.full(startedAt)],
    ['due', dueAt && times.full(dueAt)],
    ['ended', endedAt && times.full(endedAt)],
    ['correlation', correlationId],
    [
      'steps',
      steps
        .map(({ participant, state, code }) => `${participant} ${state}${code === undefined ? '' : ` (${code})`}`)
        .join(', '),
    ],
  ]);
  return `${head}\n\n${saga.story.map((event) => eventLine(times, event, paint)).join('\n')}`;
}

function eventLine(times: Times, { at, what, participant, code }: SagaEvent, paint: Paint): string {
  const isBad = ['refused', 'silent', 'undo-refused', 'confirm-refused', 'attention'].includes(what);
  const said = `${participant === undefined ? '' : `${participant} `}${what}${code === undefined ? '' : `: ${code}`}`;
  return `${paint.dim(times.clock(at))}  ${isBad ? paint.warn(said) : said}`;
}

function statusText(status: string, paint: Paint): string {
  if (status === 'COMPLETED') return paint.good(status);
  return status === 'COMPENSATED' || status === 'COMPENSATING' ? paint.warn(status) : status;
}

function whoText({ participant, awaits }: FlowEvent): string {
  return participant ?? (awaits ? `→ ${awaits.join(', ')}` : '');
}

function answerText({ answer, direction, reason, parked }: FlowEvent, paint: Paint): string {
  if (parked) return paint.bad(`parked by ${parked.by}: ${parked.because}`);
  if (answer === undefined) return reason ?? '';
  const done = { do: 'done', undo: 'undone', confirm: 'confirmed' }[direction ?? 'do'] ?? 'done';
  return answer === 'done' ? paint.good(done) : paint.warn(`refused: ${reason}`);
}

function pathOf(call: Call): string {
  return `/sagas/${encodeURIComponent(call.word('id'))}`;
}
