import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import type { Population, Rental, Totals } from './rentals';

/** One saga as its transactions see it. */
export interface Saga extends Pick<Rental, 'member' | 'no'> {
  readonly id: string;
}

/** What one transaction does. Throws when the rules forbid it. */
export type Transaction = (on: PoolClient, saga: Saga) => Promise<void>;

const CONNECTIONS = 32;
const LIMIT = 5;

const TABLES = `
  CREATE TABLE card (member text PRIMARY KEY);
  CREATE TABLE card_item (member text, no int, state text NOT NULL, rented_on date NOT NULL, PRIMARY KEY (member, no));
  CREATE TABLE saga (id uuid PRIMARY KEY, type text NOT NULL, member text NOT NULL, no int NOT NULL, status text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(), ended_at timestamptz);
  CREATE TABLE book (no int PRIMARY KEY, holder text, lent_by uuid, returned_by uuid);
  CREATE TABLE member (id text PRIMARY KEY, points int NOT NULL);
  CREATE TABLE ledger (saga uuid PRIMARY KEY, member text NOT NULL, points int NOT NULL);
  CREATE TABLE best_book (no int PRIMARY KEY, rents int NOT NULL);`;

/** Opens an empty database and fills it. */
export async function openTables(url: string, { members, books }: Population): Promise<Pool> {
  const pool = new Pool({ connectionString: url, max: CONNECTIONS });
  await pool.query(TABLES);
  await pool.query("INSERT INTO card SELECT 'm' || at FROM generate_series(1, $1::int) at", [members]);
  await pool.query("INSERT INTO member SELECT 'm' || at, 0 FROM generate_series(1, $1::int) at", [members]);
  await pool.query('INSERT INTO book SELECT at FROM generate_series(1, $1::int) at', [books]);
  await pool.query('INSERT INTO best_book SELECT at, 0 FROM generate_series(1, $1::int) at', [books]);
  await pool.query('ANALYZE');
  return pool;
}

/** Everything that it does is durable when it resolves: `synchronous_commit` is on. */
export async function inTransaction(pool: Pool, work: Transaction, saga: Saga): Promise<void> {
  const on = await pool.connect();
  try {
    await on.query('BEGIN');
    await work(on, saga);
    await on.query('COMMIT');
  } catch (error) {
    await on.query('ROLLBACK');
    throw error;
  } finally {
    on.release();
  }
}

export function sagaOf({ member, no }: Pick<Rental, 'member' | 'no'>): Saga {
  return { id: randomUUID(), member, no };
}

/** The request, three participants, and the end. */
export const RENT: Readonly<Record<string, Transaction>> = {
  takeSlot: async (on, { id, member, no }) => {
    await changeOne(on, 'SELECT member FROM card WHERE member = $1 FOR UPDATE', [member]);
    await changeOne(
      on,
      `INSERT INTO card_item SELECT $1, $2, 'RENTING', current_date
       WHERE (SELECT count(*) FROM card_item WHERE member = $1) < ${LIMIT}`,
      [member, no],
    );
    await changeOne(on, "INSERT INTO saga (id, type, member, no, status) VALUES ($1, 'RENT', $2, $3, 'RUNNING')", [
      id,
      member,
      no,
    ]);
  },
  lendBook: (on, { id, member, no }) =>
    changeOne(on, 'UPDATE book SET holder = $1, lent_by = $2 WHERE no = $3 AND (holder IS NULL OR lent_by = $2)', [
      member,
      id,
      no,
    ]),
  creditMember,
  countRent: (on, { no }) => changeOne(on, 'UPDATE best_book SET rents = rents + 1 WHERE no = $1', [no]),
  complete: async (on, { id, member, no }) => {
    await changeOne(on, "UPDATE card_item SET state = 'RENTED' WHERE member = $1 AND no = $2", [member, no]);
    await complete(on, id);
  },
};

/** The same number of steps; the book is asked twice: to come back, and to be lendable again. */
export const RETURN: Readonly<Record<string, Transaction>> = {
  beginReturn: async (on, { id, member, no }) => {
    await changeOne(on, "UPDATE card_item SET state = 'RETURNING' WHERE member = $1 AND no = $2 AND state = 'RENTED'", [
      member,
      no,
    ]);
    await changeOne(on, "INSERT INTO saga (id, type, member, no, status) VALUES ($1, 'RETURN', $2, $3, 'RUNNING')", [
      id,
      member,
      no,
    ]);
  },
  takeBookBack: (on, { id, member, no }) =>
    changeOne(on, 'UPDATE book SET returned_by = $1 WHERE no = $2 AND holder = $3', [id, no, member]),
  creditMember,
  putOnShelf: (on, { id, no }) =>
    changeOne(
      on,
      'UPDATE book SET holder = NULL, lent_by = NULL, returned_by = NULL WHERE no = $1 AND returned_by = $2',
      [no, id],
    ),
  complete: async (on, { id, member, no }) => {
    await changeOne(on, 'DELETE FROM card_item WHERE member = $1 AND no = $2', [member, no]);
    await complete(on, id);
  },
};

export async function totalsIn(pool: Pool): Promise<Totals> {
  const { rows } = await pool.query<Record<string, string>>(`SELECT
    (SELECT count(*) FROM saga WHERE status = 'COMPLETED') AS sagas,
    (SELECT sum(points) FROM member) AS points,
    (SELECT count(*) FROM ledger) AS ledger,
    (SELECT sum(rents) FROM best_book) AS rented,
    (SELECT count(*) FROM book WHERE holder IS NOT NULL) AS lent,
    (SELECT count(*) FROM card_item) AS "onCards"`);
  return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([what, sum]) => [what, Number(sum)]));
}

/** The ledger is unique by saga: whoever comes again credits nothing. */
async function creditMember(on: PoolClient, { id, member }: Saga): Promise<void> {
  await changeOne(on, 'INSERT INTO ledger VALUES ($1, $2, 10)', [id, member]);
  await changeOne(on, 'UPDATE member SET points = points + 10 WHERE id = $1', [member]);
}

function complete(on: PoolClient, id: string): Promise<void> {
  return changeOne(on, "UPDATE saga SET status = 'COMPLETED', ended_at = now() WHERE id = $1", [id]);
}

const names = new Map<string, string>();

/** Prepared once for each connection. */
async function changeOne(on: PoolClient, text: string, values: readonly unknown[]): Promise<void> {
  const name = names.get(text) ?? `s${names.size}`;
  names.set(text, name);
  const { rowCount } = await on.query({ name, text, values: [...values] });
  if (rowCount !== 1) throw new Error(`Refused: ${text}`);
}
