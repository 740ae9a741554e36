import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { embeddedBestBookStores } from '@library/bestbook-service/adapters/out/embedded/best-book-stores.embedded';
import { composeBestBook } from '@library/bestbook-service/composition-root';
import { embeddedBookStores } from '@library/book-service/adapters/out/embedded/book-stores.embedded';
import { composeBook } from '@library/book-service/composition-root';
import { embeddedMemberStores } from '@library/member-service/adapters/out/embedded/member-stores.embedded';
import { composeMember } from '@library/member-service/composition-root';
import { embeddedRentalStores } from '@library/rental-service/adapters/out/embedded/rental-stores.embedded';
import { composeRental } from '@library/rental-service/composition-root';
import { SAGA_TOPICS } from '@library/shared-kernel/contracts/topics';
import { FolderLock } from '@library/shared-kernel/embedded/folder-lock';
import { Journal } from '@library/shared-kernel/embedded/journal';
import { EmbeddedMessageLog } from '@library/shared-kernel/embedded/message-log.embedded';
import { EmbeddedParking } from '@library/shared-kernel/embedded/parking.embedded';
import { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import type { MessageLog } from '@library/shared-kernel/messaging/message-log';
import { contradictionsIn } from '@library/shared-kernel/saga/timing';
import type { SagaTiming } from '@library/shared-kernel/saga/timing';
import type { Logger } from '@library/shared-kernel/service/logger';
import { startAll } from '@library/shared-kernel/service/service';
import type { Service, Start, Stop } from '@library/shared-kernel/service/service';
import type { World } from '@library/shared-kernel/service/world';
import { Fault } from '@library/shared-kernel/store/fault';
import { Calendar } from '@library/shared-kernel/time/calendar';
import type { Clock } from '@library/shared-kernel/time/clock';
import { every } from '@library/shared-kernel/time/every';
import { Registry } from 'prom-client';

/** The files of a data folder, beside the lock. */
export const DATA_FILES = {
  rental: 'rental.db',
  book: 'book.db',
  member: 'member.db',
  bestbook: 'bestbook.db',
  log: 'log.db',
} as const;

/** What the names of the journal's files begin with; it is there while the library runs, or when that did not end in order. */
export const JOURNAL = 'journal';

/** What the name of a file ends in that is not in its place yet: one that is left means that a restore broke off. */
export const RESTORING = '.restoring';

export interface LibrarySettings {
  readonly folder: string;
  /** An IANA time zone. */
  readonly zone: string;
  readonly clock: Clock;
  readonly timing: SagaTiming;
  readonly logger: Logger;
  /** How long messages are kept; for ever when absent. */
  readonly retentionMs?: number;
  /** Puts something between the services and the log: a scenario's faults. */
  readonly between?: (log: MessageLog) => MessageLog;
}

/** How often messages are deleted that have been kept long enough. */
const DELETE_OLD_MS = 60_000;

/** The four services in one process, on one data folder. */
export class Library {
  private stopServices: Stop | undefined;

  private constructor(
    readonly settings: LibrarySettings,
    readonly services: readonly Service[],
    readonly log: EmbeddedMessageLog,
    readonly parking: EmbeddedParking,
    readonly files: Readonly<Record<'rental' | 'book' | 'member' | 'bestbook', ServiceFile>>,
    readonly metrics: Registry,
    /** Shared by all the files: a change is here before it is in one of them. */
    readonly journal: Journal,
    private readonly close: Stop,
  ) {}

  /**
   * Opens the folder, which no other process may hold, and composes the services on it. Nothing runs yet. Rejects with the
   * Fault `zone-changed` when its days are counted by another zone, `restore-broken-off` when its files may not belong
   * together; whenever it rejects, it holds nothing.
   */
  static async open(settings: LibrarySettings): Promise<Library> {
    const [contradiction] = contradictionsIn(settings.timing);
    if (contradiction !== undefined) throw new Fault('bad-timing', contradiction, false);

    const { folder, clock } = settings;
    const lock = FolderLock.take(folder, new Date(clock.now()));
    const opened: Closable[] = [];
    const close = () => closeAll(opened, lock);
    const keep = <File extends Closable>(file: File): File => {
      opened.push(file);
      return file;
    };
    try {
      if (isHalfRestored(folder)) throw restoreBrokenOff(folder);
      return await Library.compose(settings, keep, close);
    } catch (error) {
      // What failed first is what to tell.
      await close().catch(() => undefined);
      throw error;
    }
  }

  private static async compose(
    settings: LibrarySettings,
    keep: <File extends Closable>(file: File) => File,
    close: Stop,
  ): Promise<Library> {
    const { folder, clock, zone, timing, logger } = settings;
    const journal = keep(Journal.open(join(folder, JOURNAL)));
    const log = keep(openLog(settings, journal));
    await log.createTopics(SAGA_TOPICS);
    const parking = new EmbeddedParking(log);
    const fileOf = (name: keyof typeof DATA_FILES) =>
      keep(ServiceFile.open(join(folder, DATA_FILES[name]), clock, { journal }));
    const files = {
      rental: fileOf('rental'),
      book: fileOf('book'),
      member: fileOf('member'),
      bestbook: fileOf('bestbook'),
    };

    const metrics = new Registry();
    const world: World = {
      clock,
      calendar: new Calendar(zone),
      timing,
      log: settings.between?.(log) ?? log,
      parking,
      logger,
      metrics,
    };
    const services = [
      composeRental(world, embeddedRentalStores(files.rental)),
      composeBook(world, embeddedBookStores(files.book)),
      composeMember(world, embeddedMemberStores(files.member)),
      composeBestBook(world, embeddedBestBookStores(files.bestbook)),
    ];
    for (const file of Object.values(files)) file.keepZone(zone);
    return new Library(settings, services, log, parking, files, metrics, journal, close);
  }

  /** Participants first, so that nobody is asked who cannot hear yet. */
  async start(): Promise<void> {
    const services = this.services.toReversed().map(({ start }) => start);
    this.stopServices = await startAll([this.deletingOld, ...services]);
  }

  /**
   * Finishes what is in hand, hands back the rest, and closes the folder. Rejects when the disk fails, and is closed all
   * the same.
   */
  async stop(): Promise<void> {
    try {
      await this.stopServices?.();
    } finally {
      await this.close();
    }
  }

  private readonly deletingOld: Start = async () => {
    const { clock, logger } = this.settings;
    return every(
      clock,
      DELETE_OLD_MS,
      () => this.log.deleteOld(),
      (error) => {
        logger.warn({ err: error }, 'Old messages could not be deleted; it is tried again');
      },
    );
  };
}

interface Closable {
  close(): Promise<void>;
}

/** Closes what was opened, the latest first, whatever fails, and lets go of the folder. */
async function closeAll(opened: readonly Closable[], lock: FolderLock): Promise<void> {
  const failures: unknown[] = [];
  for (const file of opened.toReversed()) await file.close().catch((error: unknown) => failures.push(error));
  lock.release();
  if (failures.length > 0) throw failures[0];
}

function openLog({ folder, clock, logger, retentionMs }: LibrarySettings, journal: Journal): EmbeddedMessageLog {
  const log = EmbeddedMessageLog.open(join(folder, DATA_FILES.log), {
    clock,
    journal,
    random: Math.random,
    onCrashLoop: async (group, message) => {
      logger.error(
        { group, topic: message.topic, offset: message.offset },
        'A message on which the process died at every start is parked',
      );
      await new EmbeddedParking(log).park(
        group,
        message,
        'crash-loop',
        'The process died at every start while it handled this message.',
        clock.now(),
      );
    },
    onFailure: (error) => logger.warn({ err: error }, 'The message log failed in the background, and tries again'),
    ...(retentionMs === undefined ? {} : { retentionMs }),
  });
  return log;
}

/** Whether a restore into the folder broke off. */
export function isHalfRestored(folder: string): boolean {
  return Object.values(DATA_FILES).some((name) => existsSync(join(folder, name + RESTORING)));
}

function restoreBrokenOff(folder: string): Fault {
  return new Fault(
    'restore-broken-off',
    `A restore into "${folder}" broke off, and its files may not belong together. Do it again, with --force.`,
    false,
  );
}
