import { createHash } from 'node:crypto';
import { hashOf } from '../../src/participant/fence';

const ASKED = { idName: { id: 'jenny', name: '제니' }, item: { no: 1, title: '토지' }, point: 10 };

describe('The hash of what was asked', () => {
  it('is that of the fences that lie in files already', () => {
    expect(hashOf(ASKED)).toBe(createHash('sha256').update(JSON.stringify(ASKED)).digest('base64').slice(0, 16));
  });

  it('is the same in whatever order the fields come, and with a reason', () => {
    const { idName, item, point } = ASKED;
    const other = {
      reason: 'expired',
      point,
      item: { title: item.title, no: item.no },
      idName: { name: idName.name, id: 'jenny' },
    };
    expect(hashOf(other)).toBe(hashOf(ASKED));
  });

  it.each([
    ['another book', { ...ASKED, item: { no: 2, title: '토지' } }],
    ['other points', { ...ASKED, point: 11 }],
    ['another member', { ...ASKED, idName: { id: 'scott', name: '제니' } }],
  ])('is another one for %s', (_what, asked) => {
    expect(hashOf(asked)).not.toBe(hashOf(ASKED));
  });
});
