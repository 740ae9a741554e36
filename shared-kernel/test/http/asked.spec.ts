import { idempotencyKey } from '@library/shared-kernel/domain/identifiers';
import { askedOf, keyed } from '@library/shared-kernel/http/asked';

const body = { reason: 'found his umbrella', points: 5, by: { name: '제니', id: 'jenny' } };

describe('what a request asks', () => {
  const asked = askedOf('POST', '/members/jenny/adjustments', body);

  it('is the same in whatever order its fields come', () => {
    const reordered = { by: { id: 'jenny', name: '제니' }, points: 5, reason: 'found his umbrella' };

    expect(askedOf('POST', '/members/jenny/adjustments', reordered)).toBe(asked);
  });

  it('is the same when a field that may be absent is undefined', () => {
    expect(askedOf('POST', '/members/jenny/adjustments', { ...body, note: undefined })).toBe(asked);
  });

  it.each([
    ['a method', askedOf('PUT', '/members/jenny/adjustments', body)],
    ['a path', askedOf('POST', '/members/minsu/adjustments', body)],
    ['a value', askedOf('POST', '/members/jenny/adjustments', { ...body, points: 6 })],
    ['a type', askedOf('POST', '/members/jenny/adjustments', { ...body, points: '5' })],
    ['a value deep down', askedOf('POST', '/members/jenny/adjustments', { ...body, by: { ...body.by, id: 'minsu' } })],
    ['a field', askedOf('POST', '/members/jenny/adjustments', { ...body, note: null })],
  ])('differs with %s', (_, other) => {
    expect(other).not.toBe(asked);
  });

  it('tells a list from an object', () => {
    expect(askedOf('POST', '/x', { list: ['a'] })).not.toBe(askedOf('POST', '/x', { list: { 0: 'a' } }));
  });

  it('depends on the order of a list', () => {
    expect(askedOf('POST', '/x', { list: [1, 2] })).not.toBe(askedOf('POST', '/x', { list: [2, 1] }));
  });
});

describe('a keyed request', () => {
  it('has its key and what it asks', () => {
    const request = { key: idempotencyKey('k-1'), body };

    expect(keyed(request, 'POST', '/members')).toStrictEqual({ key: 'k-1', asked: askedOf('POST', '/members', body) });
  });

  it('has no key when the client sent none', () => {
    expect(keyed({ key: undefined, body }, 'POST', '/members')).toStrictEqual({});
  });
});
