import { itemSchema, memberIdSchema } from '@library/shared-kernel/contracts/bodies';
import { PARTICIPANTS, SAGA_TYPES } from '@library/shared-kernel/contracts/event-contract';
import {
  ATTENTION_CAUSES,
  SAGA_STATUSES,
  STEP_STATES,
  stepsOf,
  type Saga,
  type SagaEvent,
} from '@library/shared-kernel/saga/saga';
import { z } from 'zod';

const WHAT_HAPPENS = [
  'announced',
  'done',
  'refused',
  'silent',
  'withdrawn',
  'undone',
  'undo-refused',
  'agreed',
  'confirmed',
  'confirm-refused',
  'attention',
  'settled',
  'completed',
  'compensated',
] as const satisfies SagaEvent['what'][];

const participantSchema = z.enum(PARTICIPANTS);
const codeSchema = z.string().exactOptional().meta({ description: 'Why: a refusal code, or what an operator wrote.' });

const stepSchema = z
  .object({ participant: participantSchema, state: z.enum(STEP_STATES), code: codeSchema })
  .meta({ id: 'SagaStep', description: 'Where one participant stands.' });

export const sagaEventSchema = z
  .object({
    n: z.int().nonnegative().meta({ description: 'Its place in the story, from 0.' }),
    at: z.iso.datetime(),
    what: z.enum(WHAT_HAPPENS),
    participant: participantSchema.exactOptional(),
    code: codeSchema,
  })
  .meta({ id: 'SagaEvent', description: 'One thing that happened to a saga.' });

export const sagaSchema = z
  .object({
    id: z.string(),
    type: z.enum(SAGA_TYPES),
    member: memberIdSchema,
    item: itemSchema.exactOptional(),
    status: z.enum(SAGA_STATUSES).meta({ description: 'COMPLETED and COMPENSATED are the end.' }),
    reason: z.string().exactOptional().meta({ description: 'Why it is undone: the first refusal, or `expired`.' }),
    attention: z.enum(ATTENTION_CAUSES).exactOptional().meta({ description: 'Why somebody should look at it.' }),
    steps: z.array(stepSchema),
    startedAt: z.iso.datetime(),
    dueAt: z.iso.datetime().exactOptional().meta({ description: 'When it is looked after next.' }),
    endedAt: z.iso.datetime().exactOptional(),
    correlationId: z.string().meta({ description: 'One for everything that followed from one request.' }),
  })
  .meta({ id: 'Saga', description: 'One rent, return or clearing, and how far it has got.' });

export const toldSagaSchema = sagaSchema
  .extend({ story: z.array(sagaEventSchema) })
  .meta({ id: 'ToldSaga', description: 'A saga, and everything that happened to it.' });

export function sagaShape(saga: Saga): z.input<typeof sagaSchema> {
  const { id, type, announced, status, reason, attention, startedAt, dueAt, endedAt, cause } = saga;
  return {
    id,
    type,
    member: announced.idName.id,
    ...(announced.item ? { item: announced.item } : {}),
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(attention === undefined ? {} : { attention }),
    steps: stepsOf(saga).map(([participant, { state, code }]) => ({ participant, state, ...coded(code) })),
    startedAt: instant(startedAt),
    ...(dueAt === undefined ? {} : { dueAt: instant(dueAt) }),
    ...(endedAt === undefined ? {} : { endedAt: instant(endedAt) }),
    correlationId: cause.correlation,
  };
}

export function toldSagaShape(saga: Saga): z.input<typeof toldSagaSchema> {
  return { ...sagaShape(saga), story: saga.story.map((event, number) => sagaEventShape(number, event)) };
}

export function sagaEventShape(number: number, event: SagaEvent): z.input<typeof sagaEventSchema> {
  const { at, what, participant, code } = event;
  return { n: number, at: instant(at), what, ...(participant === undefined ? {} : { participant }), ...coded(code) };
}

const coded = (code: string | undefined) => (code === undefined ? {} : { code });
const instant = (ms: number) => new Date(ms).toISOString();
