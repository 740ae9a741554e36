import * as fc from 'fast-check';
import { PendingSql, textOfRows, type SqlRow, type SqlWrite } from '../../src/embedded/pending-sql';

const PUT = 'PUT ';

const row = (key: string | undefined, text: string): SqlRow => ({ key, text: `(${text})` });

const bytesOf = ({ rows = [] }: SqlWrite) => Buffer.from(textOfRows(rows));

/** Each of them a commit of its own. */
const pending = (...writes: readonly SqlWrite[]) => {
  const sql = new PendingSql();
  for (const write of writes) sql.add(write, bytesOf(write));
  return sql;
};

const put = (...rows: readonly SqlRow[]): SqlWrite => ({ table: 'things', sql: PUT, rows });

const textOf = (sql: PendingSql) => Buffer.concat(sql.parts()).toString();

describe('Pending SQL', () => {
  it('is nothing at first', () => {
    expect(textOf(new PendingSql())).toBe('');
  });

  it('has only the last row of a key', () => {
    const sql = pending(put(row('a', '1'), row('b', '2')), put(row('a', '3')), put(row('a', '4'), row('a', '5')));

    expect(textOf(sql)).toBe('PUT (2),(5);');
  });

  it('has every row without a key, in their order', () => {
    const sql = pending(put(row(undefined, '1'), row(undefined, '1')), put(row(undefined, '1')));

    expect(textOf(sql)).toBe('PUT (1),(1),(1);');
  });

  it('has a row that replaces nothing before the one that replaces it', () => {
    const sql = pending(put(row('a', '1')), put(row(undefined, '2')), put(row('a', '3')), put(row(undefined, '4')));

    expect(textOf(sql)).toBe('PUT (2),(3),(4);');
  });

  it('has both rows of a key when something else was written to the table in between', () => {
    const away: SqlWrite = { table: 'things', sql: 'DROP (1)' };
    const sql = pending(put(row('a', '1')), away, put(row('a', '2')), away);

    expect(textOf(sql)).toBe('PUT (1);DROP (1);PUT (2);DROP (1);');
  });

  it('has a statement without rows as often as it was written', () => {
    const once: SqlWrite = { table: 'things', sql: 'ADD 1' };

    expect(textOf(pending(once, once))).toBe('ADD 1;ADD 1;');
  });

  it('has one row of a key when another table was written in between', () => {
    const sql = pending(put(row('a', '1')), { ...put(row('a', '2')), table: 'others' }, put(row('a', '3')));

    expect(textOf(sql)).toBe('PUT (3);PUT (2);');
  });

  it('knows what differs by what stands behind the rows', () => {
    const sql = pending({ ...put(row('a', '1')), end: ' OR NOT' }, put(row('a', '2')));

    expect(textOf(sql)).toBe('PUT (1) OR NOT;PUT (2);');
  });

  it('finds rows that are not ASCII', () => {
    const sql = pending(put(row('a', '가'), row('b', 'é𝄞'), row('c', 'c')), put(row('a', 'ß'), row('d', 'd')));

    expect(textOf(sql)).toBe('PUT (é𝄞),(c),(ß),(d);');
  });

  it('says what its statements weigh, and what is in memory', () => {
    const sql = pending(put(row('a', '1'), row('b', '2')), put(row('a', '33')));

    expect(sql.bytes).toBe(PUT.length + '(2)(33)'.length);
    expect(sql.inMemory).toBe(PUT.length + '(1)(2)(33)'.length);
  });

  it('has what could not be applied before what came later', () => {
    const failed = pending(put(row('a', '1'), row('b', '2')));
    const both = failed.followedBy(pending(put(row('a', '3'))));
    const write = put(row('a', '4'));
    both.add(write, bytesOf(write));

    expect(textOf(both)).toBe('PUT (1),(2);PUT (4);');
    expect(both.bytes).toBe(2 * PUT.length + '(1)(2)(4)'.length);
    expect(both.inMemory).toBe(2 * PUT.length + '(1)(2)(3)(4)'.length);
  });

  it('leaves the same in a table as every row in its order does', () => {
    const keys = fc.constantFrom('a', 'b', 'c');
    // A value of its own, or one that leaves what is there; what is deleted is another statement.
    const step = fc.record({ key: keys, kind: fc.constantFrom('whole', 'part', 'delete'), value: fc.nat(9) });

    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const all = steps.map(({ key, kind, value }): SqlWrite => {
          if (kind === 'delete') return { table: 'things', sql: `DELETE (${key},${value})` };
          return put(row(kind === 'whole' ? key : undefined, `${key},${kind},${value}`));
        });

        expect(tableAfter(textOf(pending(...all)))).toEqual(tableAfter(all.map(statementOf).join('')));
      }),
    );
  });
});

const statementOf = ({ sql, rows = [] }: SqlWrite) => `${sql}${textOfRows(rows)};`;

/** What rows leave: a whole one both of its columns, one in part the second column as it was. */
function tableAfter(text: string): Record<string, unknown> {
  const table: Record<string, { newest: string; kept: string | undefined }> = {};
  for (const statement of text.split(';').filter(Boolean)) {
    for (const [, key = '', kind, value = ''] of statement.matchAll(/\((\w),(?:(whole|part),)?(\d)\)/gu)) {
      if (statement.startsWith('DELETE')) delete table[key];
      else table[key] = { newest: value, kept: kind === 'whole' ? value : table[key]?.kept };
    }
  }
  return table;
}
