import request from 'supertest';
import { cursorTo } from '../../src/http/cursor';
import { sampleApp, type Handling } from './sample-service';

describe('a list', () => {
  it('has 20 items on a page, and goes on where the page before ended', async () => {
    const app = sampleApp();
    const { body: first } = await request(app).get('/books').expect(200);
    const { body: second } = await request(app).get('/books').query({ cursor: first.next, limit: 100 }).expect(200);

    expect(first.items).toHaveLength(20);
    expect(second.items).toHaveLength(100);
    expect(second.items[0]).toEqual({ no: 21 });
  });

  it.each(['0', '101', '-1', '1.5', 'many', '', '1e1'])('never has %s items on a page', async (limit) => {
    const { body } = await request(sampleApp()).get('/books').query({ limit }).expect(400);
    expect(body).toMatchObject({ code: 'invalid-input', errors: [{ path: 'query.limit' }] });
  });

  it.each([
    ['not base64', '***'],
    ['not JSON', Buffer.from('nonsense').toString('base64url')],
    ['another list’s', cursorTo({ from: 'jenny' })],
    ['an operator', cursorTo({ after: { $gt: 0 } })],
    ['nothing', ''],
  ])('[Q1] never goes on from a cursor that is %s', async (_what, cursor) => {
    const handling: Handling = {};
    const { body } = await request(sampleApp(handling)).get('/books').query({ cursor }).expect(400);

    expect(body).toMatchObject({ code: 'invalid-input', errors: [{ path: 'query.cursor' }] });
    expect(handling.seen).toBeUndefined();
  });

  it('gives out cursors that fit into a URL as they are', () => {
    expect(cursorTo({ after: '종??>>' })).toMatch(/^[A-Za-z0-9_-]+$/);
  });
});
