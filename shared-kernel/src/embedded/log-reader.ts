import type { LogMessage, MessageLog } from '../messaging/message-log';
import type { Parking } from '../messaging/parking';
import { ParkedRows } from './parked-rows';
import { SqlFile } from './sql-file';
import type { TopicState } from './topic';
import { Topics } from './topics';

/** Where a group is in one partition. */
export interface GroupOffset {
  readonly topic: string;
  readonly partition: number;
  /** The next message that the group has not handled. */
  readonly offset: number;
  /** The offset that the next message gets. */
  readonly end: number;
}

/** What can be seen of a log, whether it runs or not. */
export interface LogView extends Pick<MessageLog, 'read' | 'ends'> {
  topics(): readonly TopicState[];
  /** Names of the groups that have begun to read. */
  groups(): readonly string[];
  offsets(group: string): readonly GroupOffset[];
}

/** A log file looked at without changing it, for when nothing runs; it shows what there was when it was opened. */
export class LogReader implements LogView {
  readonly parked: Pick<Parking, 'find' | 'list'>;
  private readonly book: Topics;

  private constructor(private readonly file: SqlFile) {
    this.book = new Topics(file);
    const rows = new ParkedRows(file);
    this.parked = { find: async (id) => rows.find(id), list: async (filter) => rows.list(filter) };
  }

  /** Throws a StorageFault when there is no such file. */
  static open(path: string): LogReader {
    return new LogReader(SqlFile.openReadOnly(path));
  }

  async read(topic: string, partition: number, offset: number, limit: number): Promise<readonly LogMessage[]> {
    return this.book.read(this.book.partition(topic, partition), offset, limit);
  }

  async ends(topic: string): Promise<readonly number[]> {
    return this.book.get(topic).partitions.map(({ end }) => end);
  }

  topics(): readonly TopicState[] {
    return this.book.all().map(({ state }) => state);
  }

  groups(): readonly string[] {
    return this.file
      .statement<{ name: string }>('SELECT DISTINCT consumer_group AS name FROM offsets ORDER BY name')
      .all()
      .map(({ name }) => name);
  }

  offsets(group: string): readonly GroupOffset[] {
    return this.file
      .statement<{ topic: string; partition: number; offset: number }>(
        'SELECT name AS topic, partition, offset FROM offsets JOIN topics ON topics.id = offsets.topic WHERE consumer_group = ? ORDER BY name, partition',
      )
      .all(group)
      .map((row) => ({ ...row, end: this.book.partition(row.topic, row.partition).end }));
  }
}
