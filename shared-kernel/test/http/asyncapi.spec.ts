import request from 'supertest';
import { MEMBER_ID } from '../../src/contracts/bodies';
import { SAGA_EVENTS } from '../../src/contracts/events';
import { asyncApiOf, type Speaker } from '../../src/http/asyncapi';
import { ManualClock, KeptLog, sampleApp, sampleService } from './sample-service';
import { serviceApp } from '../../src/http/service-app';

interface Message {
  readonly name: string;
  readonly headers: { readonly required: string[]; readonly properties: Record<string, Record<string, unknown>> };
  readonly payload: Record<string, unknown> & {
    readonly properties: Record<string, unknown>;
    readonly required: string[];
  };
  readonly bindings: { readonly kafka: { readonly key: Record<string, unknown> } };
}
interface Document {
  readonly asyncapi: string;
  readonly channels: Record<
    string,
    { readonly address: string; readonly messages: Record<string, unknown>; readonly bindings: unknown }
  >;
  readonly operations: Record<
    string,
    {
      readonly action: string;
      readonly channel: { readonly $ref: string };
      readonly messages: { readonly $ref: string }[];
    }
  >;
  readonly components: { readonly messages: Record<string, Message> };
}

const about = { name: 'library', version: '1.2.3', summary: 'Lends books.' };
const documentOf = (...speakers: Speaker[]) => asyncApiOf(about, speakers) as unknown as Document;
const whole = documentOf('rental', 'book', 'member', 'bestbook');

function messageOf(type: string): Message {
  const message = whole.components.messages[type];
  if (!message) throw new Error(`${type} is not described.`);
  return message;
}

/** Follows a reference from the root. */
function at(document: Document, ref: string): unknown {
  return ref
    .slice(2)
    .split('/')
    .reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], document);
}

describe('the AsyncAPI document', () => {
  it('is served as it is made, where there is something to tell', async () => {
    const { body } = await request(sampleApp()).get('/asyncapi.json').expect(200);
    expect(body).toMatchObject({
      asyncapi: '3.0.0',
      info: { title: 'sample-service' },
      defaultContentType: 'application/json',
    });

    const silent = serviceApp(sampleService({ speakers: [] }), { clock: new ManualClock(), log: new KeptLog() });
    await request(silent).get('/asyncapi.json').expect(404);
  });

  it('has a channel for each topic, with one event type, four partitions and no time limit', () => {
    const topics = [...SAGA_EVENTS.map(({ topic }) => topic), 'rental_result'];

    expect(Object.keys(whole.channels).toSorted()).toEqual(topics.toSorted());
    for (const [topic, { address, messages, bindings }] of Object.entries(whole.channels)) {
      expect(address).toBe(topic);
      expect(Object.keys(messages)).toHaveLength(1);
      expect(bindings).toMatchObject({ kafka: { topic, partitions: 4, topicConfiguration: { 'retention.ms': -1 } } });
    }
  });

  it('says who sends what, and who receives it', () => {
    expect(Object.keys(documentOf('bestbook').operations).toSorted()).toEqual([
      'bestbookReceivesItemRentCancelled',
      'bestbookReceivesItemRented',
      'bestbookSendsEventResult',
    ]);
    expect(Object.keys(documentOf('book').operations)).toContain('bookReceivesItemReturnConfirmed');
    expect(Object.keys(documentOf('member').operations)).not.toContain('memberReceivesItemReturnConfirmed');
    expect(Object.keys(documentOf('rental').operations).toSorted()).toEqual(
      [...SAGA_EVENTS.map(({ type }) => `rentalSends${type}`), 'rentalReceivesEventResult'].toSorted(),
    );
  });

  it('describes only what is said or heard', () => {
    expect(Object.keys(documentOf('bestbook').channels).toSorted()).toEqual([
      'rental_rent',
      'rental_rent_cancel',
      'rental_result',
    ]);
  });

  it('refers to nothing that is not there', () => {
    for (const { channel, messages } of Object.values(whole.operations)) {
      expect(at(whole, channel.$ref)).toBeDefined();
      for (const { $ref: ref } of messages) {
        const inChannel = at(whole, ref) as { readonly $ref: string };
        expect(at(whole, inChannel.$ref)).toHaveProperty('payload');
      }
    }
    expect(Object.values(whole.operations).every(({ action }) => ['send', 'receive'].includes(action))).toBe(true);
  });

  it('takes the bodies from the contracts', () => {
    expect(messageOf('ItemRented').payload).toMatchObject({
      type: 'object',
      required: ['idName', 'item', 'point'],
      properties: { idName: { properties: { id: { pattern: MEMBER_ID.source } } }, point: { type: 'integer' } },
    });
    expect(messageOf('ItemRentCancelled').payload.required).toContain('reason');
    expect(messageOf('OverdueCleared').payload.properties).not.toHaveProperty('item');
    expect(messageOf('EventResult').payload.required).toEqual(['eventType', 'idName', 'point', 'success']);
  });

  it('lets readers ignore what they do not know', () => {
    expect(JSON.stringify(whole)).not.toContain('"additionalProperties":false');
  });

  it('has the CloudEvents headers of each message, keyed by the member', () => {
    for (const [type, { headers, bindings }] of Object.entries(whole.components.messages)) {
      expect(headers.required).toEqual(
        expect.arrayContaining(['ce_id', 'ce_type', 'ce_source', 'ce_specversion', 'ce_time', 'ce_sagaid']),
      );
      expect(headers.properties['ce_type']).toMatchObject({ const: type });
      expect(bindings.kafka.key).toMatchObject({ type: 'string', pattern: MEMBER_ID.source });
    }
    expect(messageOf('ItemRented').headers.properties).toHaveProperty('ce_expirytime');
    expect(messageOf('ItemRentCancelled').headers.properties).toHaveProperty('ce_announcedtime');
    expect(messageOf('ItemRentCancelled').headers.properties).not.toHaveProperty('ce_expirytime');
    expect(messageOf('EventResult').headers.required).toContain('ce_participant');
  });
});
