import type { Collection, WithId } from 'mongodb';
import { MessageRejected } from '../messaging/message-log';
import type { LogMessage, MessageLog } from '../messaging/message-log';
import { parkedCopy } from '../messaging/parked-copy';
import type { ParkedMessage, ParkNote, ParkReason, Parking } from '../messaging/parking';
import type { Numbers } from '../store/records';
import { isDuplicateKey, translated } from './mongo-fault';
import { documentOf, publicationOf } from './publication-document';
import type { PublicationDocument } from './publication-document';

export interface ParkedDocument extends PublicationDocument {
  /** JSON: the group and its `ce_id`, or the group and its place. */
  readonly _id: string;
  /** In the order of first parking; the entry's id. */
  readonly number: number;
  readonly group: string;
  readonly partition: number;
  readonly offset: number;
  readonly reason: ParkReason;
  readonly detail: string;
  readonly firstParkedAt: number;
  readonly lastParkedAt: number;
  readonly count: number;
  readonly state: ParkedMessage['state'];
  readonly notes: readonly ParkNote[];
}

/**
 * Parked messages, one document for each group and `ce_id`. Its copy in the topic of the parked comes after the document:
 * when the process dies between the two, the message comes again, and is counted and copied again.
 */
export class MongoParking implements Parking {
  constructor(
    private readonly documents: Collection<ParkedDocument>,
    private readonly numbers: Numbers,
    private readonly log: Pick<MessageLog, 'publish'>,
  ) {}

  async park(group: string, message: LogMessage, reason: ParkReason, detail: string, at: number): Promise<void> {
    const count = await translated(this.counted(group, message, { reason, detail, lastParkedAt: at }));
    try {
      await this.log.publish([parkedCopy(message, { group, reason, detail, at, count })]);
    } catch (error) {
      // What no topic will take, because it is too large, say, lies in its document alone.
      if (!(error instanceof MessageRejected)) throw error;
    }
  }

  async find(id: string): Promise<ParkedMessage | undefined> {
    const number = numberOf(id);
    const found = number === undefined ? null : await translated(this.documents.findOne({ number }));
    return found ? opened(found) : undefined;
  }

  async list({ group, state, limit, before }: Parameters<Parking['list']>[0]): Promise<readonly ParkedMessage[]> {
    if (limit <= 0) return [];
    const filter = {
      ...(group === undefined ? {} : { group }),
      ...(state === undefined ? {} : { state }),
      ...(before === undefined ? {} : { number: { $lt: numberOf(before) ?? 0 } }),
    };
    return (await translated(this.documents.find(filter).sort({ number: -1 }).limit(limit).toArray())).map(opened);
  }

  async note(id: string, state: ParkedMessage['state'], note: ParkNote): Promise<ParkedMessage | undefined> {
    const number = numberOf(id);
    if (number === undefined) return undefined;
    const noted = await translated(
      this.documents.findOneAndUpdate(
        { number },
        { $set: { state }, $push: { notes: note } },
        { returnDocument: 'after' },
      ),
    );
    return noted ? opened(noted) : undefined;
  }

  /** Answers how often it has come. */
  private async counted(
    group: string,
    message: LogMessage,
    last: Pick<ParkedDocument, 'reason' | 'detail' | 'lastParkedAt'>,
  ): Promise<number> {
    const identity = identityOf(group, message);
    for (;;) {
      const known = (await this.again(identity, last, false)) ?? (await this.again(identity, last, true));
      if (known) return known.count;
      try {
        const number = await this.numbers.next();
        const { partition, offset } = message;
        const place = { ...documentOf(message), partition, offset };
        await this.documents.insertOne({ _id: identity, number, group, ...place, ...firstTime(last) });
        return 1;
      } catch (error) {
        // Somebody else has parked it first.
        if (!isDuplicateKey(error)) throw error;
      }
    }
  }

  /** A discarded message stays discarded: a person has decided that no copy of it matters. Any other one needs a person again. */
  private again(identity: string, last: Partial<ParkedDocument>, discarded: boolean) {
    return this.documents.findOneAndUpdate(
      { _id: identity, state: discarded ? 'discarded' : { $ne: 'discarded' } },
      { $set: discarded ? last : { ...last, state: 'parked' as const }, $inc: { count: 1 } },
      { returnDocument: 'after' },
    );
  }
}

function firstTime(last: Pick<ParkedDocument, 'reason' | 'detail' | 'lastParkedAt'>) {
  return { ...last, firstParkedAt: last.lastParkedAt, count: 1, state: 'parked' as const, notes: [] };
}

function identityOf(group: string, { topic, partition, offset, headers }: LogMessage): string {
  const id = headers['ce_id'];
  return JSON.stringify(id ? [group, 'id', id] : [group, 'at', topic, partition, offset]);
}

/** Undefined for what is no entry's id. */
function numberOf(id: string): number | undefined {
  return /^[1-9][0-9]{0,14}$/.test(id) ? Number(id) : undefined;
}

function opened(document: WithId<ParkedDocument>): ParkedMessage {
  const { group, partition, offset, reason, detail, firstParkedAt, lastParkedAt, count, state, notes } = document;
  return {
    id: `${document.number}`,
    group,
    message: { ...publicationOf(document), partition, offset },
    reason,
    detail,
    firstParkedAt,
    lastParkedAt,
    count,
    state,
    notes,
  };
}
