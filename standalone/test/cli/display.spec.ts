import { bytes, counted, duration, paintFor, pairs, table, visible, widthOf } from '@library/standalone/cli/display';

const plain = paintFor(false);
const coloured = paintFor(true);

describe('the width of a text', () => {
  it.each([
    ['', 0],
    ['jenny', 5],
    ['제니', 4],
    ['누구를 위하여 종을 울리나?', 26],
    ['제니'.normalize('NFD'), 4],
    ['漢字かなカナ', 12],
    ['ｗｉｄｅ', 8],
    ['é', 1],
    ['é'.normalize('NFD'), 1],
    ['📚', 2],
  ])('%s takes %i columns', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it('leaves colours out', () => {
    expect(widthOf(coloured.bad('제니'))).toBe(4);
  });
});

describe('a table', () => {
  it('keeps its columns where names are in Hangul', () => {
    const rows = [
      ['jenny', '제니', 5],
      ['scott-the-second', '스콧 2세', 120],
    ];

    expect(table(['id', 'name', 'points'], rows, plain)).toBe(
      [
        'id                name      points',
        'jenny             제니           5',
        'scott-the-second  스콧 2세     120',
      ].join('\n'),
    );
  });

  it('keeps its columns where cells are coloured', () => {
    const rows = [
      [coloured.good('제니'), 'x'],
      ['jenny', 'y'],
    ];
    const lines = table(['who', 'what'], rows, coloured).split('\n');

    expect(lines.map(widthOf)).toStrictEqual([11, 8, 8]);
  });

  it('has no first line when its columns have no names', () => {
    expect(table(['', ''], [['a', 'b']], plain)).toBe('a  b');
  });
});

describe('what comes from elsewhere', () => {
  it('Q10: cannot steer the terminal, nor turn the text around', () => {
    expect(
      visible({ title: '\u001b[2Jgone\u0007', list: ['a\nb', '\u202eabc', '\u009b31m'], 'k\u001bey': 1 }),
    ).toStrictEqual({
      title: '\\u001b[2Jgone\\u0007',
      list: ['a\\nb', '\\u202eabc', '\\u009b31m'],
      'k\\u001bey': 1,
    });
  });

  it('stays as it is otherwise', () => {
    expect(visible({ title: '누구를 위하여 종을 울리나?', no: 1, is: null })).toStrictEqual({
      title: '누구를 위하여 종을 울리나?',
      no: 1,
      is: null,
    });
  });
});

describe('pairs', () => {
  it('stand in two columns, without those of which nothing is said', () => {
    expect(
      pairs([
        ['이름', '제니'],
        ['e-mail', 'jenny@example.org'],
        ['fee', undefined],
      ]),
    ).toBe('이름    제니\ne-mail  jenny@example.org');
  });

  it('are nothing when nothing is said', () => {
    expect(pairs([['fee', undefined]])).toBe('');
  });
});

describe('amounts', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1 s'],
    [61_000, '1 min 1 s'],
    [3_600_000, '1 h'],
    [90_061_000, '1 d 1 h'],
  ])('%i ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_234_567, '1.2 MB'],
  ])('%i bytes is %s', (count, text) => {
    expect(bytes(count)).toBe(text);
  });

  it('have their plural', () => {
    expect([counted(1, 'point'), counted(1_200, 'point'), counted(2, 'book was', 'books were')]).toStrictEqual([
      '1 point',
      '1,200 points',
      '2 books were',
    ]);
  });
});
