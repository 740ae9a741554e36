import type { ParkedMessage, ParkNote, ParkReason, Parking } from '../messaging/parking';
import { expandHeaders } from './compact-headers';
import type { JournaledFile } from './journaled-file';
import type { SqlValue } from './sql-value';
import { textOf } from './topics';

interface ParkedRow {
  readonly number: number;
  readonly consumer_group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Uint8Array;
  readonly time: number;
  readonly reason: string;
  readonly detail: Uint8Array;
  readonly first_parked_at: number;
  readonly last_parked_at: number;
  readonly count: number;
  readonly state: string;
  readonly notes: string;
}

/** Reads what is parked; an entry's id is its number in the order of first parking. */
export class ParkedRows {
  constructor(private readonly file: Pick<JournaledFile, 'statement'>) {}

  find(id: string): ParkedMessage | undefined {
    const number = numberOf(id);
    if (number === undefined) return undefined;
    const [row] = this.file.statement<ParkedRow>('SELECT * FROM parked WHERE number = ?').all(number);
    return row && opened(row);
  }

  list({ group, state, limit, before }: Parameters<Parking['list']>[0]): ParkedMessage[] {
    const conditions = ['number < ?'];
    const values: SqlValue[] = [before === undefined ? Number.MAX_SAFE_INTEGER : (numberOf(before) ?? 0)];
    if (group !== undefined) {
      conditions.push('consumer_group = ?');
      values.push(group);
    }
    if (state !== undefined) {
      conditions.push('state = ?');
      values.push(state);
    }
    return this.file
      .statement<ParkedRow>(`SELECT * FROM parked WHERE ${conditions.join(' AND ')} ORDER BY number DESC LIMIT ?`)
      .all(...values, limit)
      .map(opened);
  }
}

/** Undefined for what is no entry's id. */
export function numberOf(id: string): number | undefined {
  return /^[1-9][0-9]{0,14}$/.test(id) ? Number(id) : undefined;
}

function opened(row: ParkedRow): ParkedMessage {
  const key = row.key === null ? undefined : textOf(row.key);
  return {
    id: `${row.number}`,
    group: row.consumer_group,
    message: {
      topic: row.topic,
      partition: row.partition,
      offset: row.offset,
      key,
      value: row.value ?? undefined,
      headers: expandHeaders(row.headers, key, row.time),
      time: row.time,
    },
    reason: row.reason as ParkReason,
    detail: textOf(row.detail),
    firstParkedAt: row.first_parked_at,
    lastParkedAt: row.last_parked_at,
    count: row.count,
    state: row.state as ParkedMessage['state'],
    notes: JSON.parse(row.notes) as ParkNote[],
  };
}
