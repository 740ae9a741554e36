import type { Collection, WithId } from 'mongodb';
import { EVENT_RECORDS_KEPT_MS, idOf } from '../messaging/event-records';
import type { EventPlace, EventRecord, EventRecords } from '../messaging/event-records';
import type { Publication } from '../messaging/message-log';
import { insertAbsent } from './insert-absent';
import { translated } from './mongo-fault';
import { documentOf, publicationOf } from './publication-document';
import type { PublicationDocument } from './publication-document';

export interface EventDocument extends PublicationDocument {
  /** `ce_id` */
  readonly _id: string;
  readonly saga?: string;
  readonly publishedAt: number;
  readonly lastPublishedAt: number;
  readonly times: number;
  /** When the server may take the document away. */
  readonly goneAt: Date;
}

/** The event records of one service. */
export class MongoEventRecords implements EventRecords {
  constructor(private readonly documents: Collection<EventDocument>) {}

  async note(events: readonly Publication[], at: number): Promise<void> {
    const records = events.map((event) => recordOf(event, at));
    const known = await translated(insertAbsent(this.documents, records));
    if (known.length === 0) return;
    const ids = known.map(({ _id }) => _id);
    await translated(
      this.documents.updateMany({ _id: { $in: ids } }, { $set: { lastPublishedAt: at }, $inc: { times: 1 } }),
    );
  }

  async find(id: string): Promise<EventRecord | undefined> {
    const found = await translated(this.documents.findOne({ _id: id }));
    return found ? opened(found) : undefined;
  }

  async list({ saga, topic, limit, before }: Parameters<EventRecords['list']>[0]): Promise<readonly EventRecord[]> {
    const found = this.documents
      .find({
        ...(saga === undefined ? {} : { saga }),
        ...(topic === undefined ? {} : { topic }),
        ...(before === undefined ? {} : { $or: behind(before) }),
      })
      .sort({ publishedAt: -1, _id: -1 })
      .limit(limit)
      .toArray();
    return (await translated(found)).map(opened);
  }
}

function recordOf(event: Publication, at: number): EventDocument {
  const { ce_sagaid: saga } = event.headers;
  return {
    _id: idOf(event),
    ...documentOf(event),
    ...(saga === undefined ? {} : { saga }),
    publishedAt: at,
    lastPublishedAt: at,
    times: 1,
    goneAt: new Date(at + EVENT_RECORDS_KEPT_MS),
  };
}

function behind({ publishedAt, id }: EventPlace) {
  return [{ publishedAt: { $lt: publishedAt } }, { publishedAt, _id: { $lt: id } }];
}

function opened(document: WithId<EventDocument>): EventRecord {
  const { _id: id, publishedAt, lastPublishedAt, times } = document;
  return { id, event: publicationOf(document), publishedAt, lastPublishedAt, times };
}
