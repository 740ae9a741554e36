import { REFUSAL_CODES } from '../../src/domain/refusal';
import { sagaId } from '../../src/domain/identifiers';
import { problem, problemOf, retryAfterOf, TurnedAway, undone } from '../../src/http/problem';
import { KINDS } from '../../src/http/problem-kinds';
import { Fault } from '../../src/store/fault';
import { SAGA } from './sample-service';

const INCIDENT = '5f0c5f3e-0000-4000-8000-000000000000';

const withStatus = (status: number) => REFUSAL_CODES.filter((code) => KINDS[code].status === status);

describe('the problem of a refusal', () => {
  it.each(REFUSAL_CODES)('%s says what happened, why, and what to do next', (code) => {
    const { type, status, title, detail } = problem(code);

    expect(type).toBe(`urn:library:problem:${code}`);
    expect([404, 409, 422]).toContain(status);
    expect(title).toMatch(/^[A-Z]/);
    expect(detail).toMatch(/^[A-Z].{20,}\.$/);
  });

  it('is 404 exactly for an unknown thing, and 422 exactly for a wrong amount', () => {
    expect(withStatus(404)).toEqual(['book-not-found', 'card-not-found', 'member-not-found']);
    expect(withStatus(422)).toEqual(['wrong-amount']);
  });

  it('may be worded differently, and carry more', () => {
    expect(problem('card-unavailable', { detail: '대여불가상태입니다.', fee: 10 })).toMatchObject({
      code: 'card-unavailable',
      status: 409,
      detail: '대여불가상태입니다.',
      fee: 10,
    });
  });
});

describe('the problem of a saga that was undone', () => {
  it('is a conflict that names the saga, whatever the reason', () => {
    expect(undone('book-not-found', sagaId(SAGA))).toMatchObject({ status: 409, code: 'book-not-found', sagaId: SAGA });
  });

  it.each(['book-lost', 'constructor', '__proto__'])(
    'takes a reason that only a newer participant knows: %s',
    (reason) => {
      const answer = undone(reason, sagaId(SAGA));

      expect(answer).toMatchObject({ status: 409, code: reason });
      expect(answer.detail).toContain(`refused it: ${reason}.`);
      expect(retryAfterOf(answer)).toBeUndefined();
    },
  );
});

describe('what a client may know of something thrown', () => {
  it('is nothing of a bug but an id to look for in the log', () => {
    const answer = problemOf(new TypeError('cannot read mongodb://user:secret@host'), INCIDENT);

    expect(answer).toEqual({ ...problem('bug'), instance: `urn:uuid:${INCIDENT}` });
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  it('is that waiting may help, when the world failed', () => {
    const answer = problemOf(new Fault('database-down', 'mongodb://user:secret@host does not answer.'), INCIDENT);

    expect(answer).toEqual(problem('unavailable'));
    expect(retryAfterOf(answer)).toBe(5);
  });

  it('[N3] is 507 when the disk is full', () => {
    expect(problemOf(new Fault('disk-full', 'No space left.'), INCIDENT)).toMatchObject({
      status: 507,
      code: 'insufficient-storage',
    });
  });

  it('is a bug when the world failed in a way that waiting does not cure', () => {
    expect(problemOf(new Fault('wrong-server', 'Not a replica set.', false), INCIDENT)).toMatchObject({
      status: 500,
      code: 'bug',
    });
  });

  it('is what the edge itself said', () => {
    expect(problemOf(new TurnedAway(problem('too-large')), INCIDENT)).toEqual(problem('too-large'));
  });
});
