import { JOURNAL_TABLE } from './journaled-file';

/** Everything in `log.db`: the messages, where each group is, and what was parked. */
export const LOG_SCHEMA: readonly string[] = [
  `
  CREATE TABLE topics (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    partitions INTEGER NOT NULL
  ) STRICT;

  -- What cannot be seen from the messages: first is where those begin that were not deleted, and bytes is the weight of
  -- those before counted, so that a start counts only what came later.
  CREATE TABLE partitions (
    topic INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    first INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)
  ) STRICT, WITHOUT ROWID;

  -- Keys are bytes, because a text could not hold every character. headers: see compact-headers.ts. A message was appended
  -- at time + lag, which is nearly always small.
  CREATE TABLE messages (
    topic INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    key BLOB,
    value BLOB,
    headers BLOB NOT NULL,
    time INTEGER NOT NULL,
    lag INTEGER NOT NULL,
    PRIMARY KEY (topic, partition, offset)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE offsets (
    consumer_group TEXT NOT NULL,
    topic INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    PRIMARY KEY (consumer_group, topic, partition)
  ) STRICT, WITHOUT ROWID;

  -- How many starts in a row have handed out this message and never heard of it again.
  CREATE TABLE tries (
    consumer_group TEXT NOT NULL,
    topic INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    starts INTEGER NOT NULL,
    PRIMARY KEY (consumer_group, topic, partition)
  ) STRICT, WITHOUT ROWID;

  -- identity is the ce_id, or the place of a message that has none.
  CREATE TABLE parked (
    number INTEGER PRIMARY KEY,
    consumer_group TEXT NOT NULL,
    identity BLOB NOT NULL,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    key BLOB,
    value BLOB,
    headers BLOB NOT NULL,
    time INTEGER NOT NULL,
    reason TEXT NOT NULL,
    detail BLOB NOT NULL,
    first_parked_at INTEGER NOT NULL,
    last_parked_at INTEGER NOT NULL,
    count INTEGER NOT NULL,
    state TEXT NOT NULL,
    notes TEXT NOT NULL,
    UNIQUE (consumer_group, identity)
  ) STRICT;
  CREATE INDEX parked_by_group ON parked (consumer_group, number);
  `,
  JOURNAL_TABLE,
];
