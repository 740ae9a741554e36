import { RESULT_TOPIC } from '@library/shared-kernel/contracts/event-result';
import { SAGA_EVENTS } from '@library/shared-kernel/contracts/events';
import type { ParkedMessage } from '@library/shared-kernel/messaging/parking';
import type { MessageEvidence } from './evidence';
import type { Look } from './seen';

const CONTRACTS = new Map<string, (typeof SAGA_EVENTS)[number]>(
  SAGA_EVENTS.map((contract) => [contract.topic, contract]),
);

/** Whatever lies in the log, and what was set aside. */
export async function examineMessages(look: Look): Promise<void> {
  const { evidence, findings } = look;
  const parked = await examineParked(look);
  const positions = evidence.positions();

  for await (const portion of evidence.messages()) {
    for (const message of portion) {
      if (isReadable(message)) examineMessage(look, message, parked.any.has(identityOf(message)));
      else mustBeParked(message);
    }
  }

  /** Groups that have passed a message which nobody can read must have set it aside. */
  function mustBeParked(message: MessageEvidence): void {
    const { topic, partition, offset } = message;
    findings.looked('G17');
    for (const position of positions) {
      if (position.topic !== topic || position.partition !== partition || position.offset <= offset) continue;
      if (parked.byGroup.has(`${position.group} ${identityOf(message)}`)) continue;
      const sentence = `${position.group} has passed message ${offset} of ${topic}/${partition}, which it cannot read, and has not parked it.`;
      findings.offends('G17', `${position.group} ${topic} ${partition} ${offset}`, sentence);
    }
  }
}

function examineMessage(
  { findings, traces }: Look,
  { topic, partition, offset, headers }: MessageEvidence,
  isParked: boolean,
): void {
  const saga = headers['ce_sagaid'] ?? '';
  const id = headers['ce_id'] ?? '';
  const contract = CONTRACTS.get(topic);
  findings.looked('G8');

  if (contract) traces.published(saga, contract.direction);
  // A person is told of what is parked; it is nobody's message until somebody has judged it.
  if (isParked) return;
  traces.spokenOf(saga);

  const expected = contract
    ? `${saga}:${contract.saga.toLowerCase()}:${contract.direction}`
    : `${saga}:${headers['ce_participant']}:`;
  if (contract ? id === expected : id.startsWith(expected)) return;
  findings.offends(
    'G8',
    `${topic} ${partition} ${offset}`,
    `Message ${offset} of ${topic}/${partition} has the id ${id}, which no service gives to one of saga ${saga}.`,
  );
}

/** What can be told without reading the body: readers park what lacks it. */
function isReadable({ topic, headers, isTombstone }: MessageEvidence): boolean {
  const type = topic === RESULT_TOPIC ? 'EventResult' : CONTRACTS.get(topic)?.type;
  return !isTombstone && headers['ce_type'] === type && Boolean(headers['ce_id'] && headers['ce_sagaid']);
}

async function examineParked({
  evidence,
  findings,
}: Look): Promise<{ readonly any: Set<string>; readonly byGroup: Set<string> }> {
  const any = new Set<string>();
  const byGroup = new Set<string>();
  let open = 0;

  for await (const portion of evidence.parked()) {
    for (const parked of portion) {
      any.add(identityOf(parked.message));
      byGroup.add(`${parked.group} ${identityOf(parked.message)}`);
      findings.looked('G17');
      if (parked.state === 'parked') open += 1;
      const missing = missingIn(parked);
      if (missing)
        findings.offends(
          'G17',
          `parked ${parked.group} ${parked.id}`,
          `Parked message ${parked.id} of ${parked.group} ${missing}.`,
        );
    }
  }
  if (open > 0) findings.note(`${open} parked messages wait for a person.`);
  return { any, byGroup };
}

/** What a parked message lacks to be accounted for. */
function missingIn({ state, notes }: ParkedMessage): string | undefined {
  const last = notes.at(-1);
  switch (state) {
    case 'parked':
      return undefined;
    case 'released':
    case 'obsolete':
    case 'discarded':
      if (last?.did !== state || !last.actor) return `is ${state}, and nobody has noted that`;
      return state === 'discarded' && !last.reason ? 'is discarded without a reason' : undefined;
    default:
      return `is "${String(state)}", which is none of the states there are`;
  }
}

function identityOf({
  topic,
  partition,
  offset,
  headers,
}: Pick<MessageEvidence, 'topic' | 'partition' | 'offset' | 'headers'>): string {
  return headers['ce_id'] ? `id ${headers['ce_id']}` : `at ${topic} ${partition} ${offset}`;
}
