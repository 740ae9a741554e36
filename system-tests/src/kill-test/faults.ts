import { setTimeout as pause } from 'node:timers/promises';
import type { Kafka } from '@library/infra/kafka';
import type { ServiceInstance } from '@library/infra/service-instance';
import type { TcpProxy } from '@library/infra/tcp-proxy';
import type { LibraryProcesses } from '@library/infra/library-processes';

/** What a fault may break. */
export interface Patient {
  readonly kafka: Kafka;
  /** Between all services and their database. */
  readonly database: TcpProxy;
  readonly library: LibraryProcesses;
  readonly outageMs: number;
  /** For what is not mended yet when the next thing may break. */
  readonly mendLater: (mended: Promise<void>) => void;
}

/** Longer than a driver waits for an answer before it may ask again. */
const ANSWERS_LOST_MS = 1_500;
const BROKER_GONE_MS = 3_000;
/** A group shares anew within about so long after somebody has come. */
const SHARING_MS = 1_500;
/** On a busy machine whoever comes has to wait for what was left undone. */
const READY_WITHIN_MS = 180_000;

/** Each breaks one thing and mends it; answers what happened. */
export const FAULTS = {
  'service killed': async ({ library, mendLater }) => {
    const victim = anyInstance(library);
    await victim.kill();
    const newcomer = await library.begin(victim.service);
    mendLater(newcomer.ready(READY_WITHIN_MS));
    return `${victim.service} killed; another one takes its place`;
  },

  'killed while its group shares anew': async ({ library, mendLater }) => {
    const victim = anyInstance(library);
    const newcomer = await library.begin(victim.service);
    await pause(Math.random() * SHARING_MS);
    await victim.kill();
    mendLater(newcomer.ready(READY_WITHIN_MS));
    return `${victim.service}: one came, and another one was killed while their group shared anew`;
  },

  'process frozen': async ({ library, outageMs, mendLater }) => {
    const zombie = anyInstance(library);
    zombie.pause();
    mendLater(pause(2 * outageMs).then(() => zombie.resume()));
    return `${zombie.service} frozen for ${seconds(2 * outageMs)}, while others may take its place`;
  },

  'broker killed': async ({ kafka }) => {
    const broker = oneOf(kafka.nodes);
    await broker.kill();
    await pause(BROKER_GONE_MS);
    const after = await timed(() => broker.restart());
    return `a broker of ${kafka.nodes.length} killed; started again ${seconds(BROKER_GONE_MS)} later, back after ${after}`;
  },

  'all brokers killed': async ({ kafka }) => {
    await Promise.all(kafka.nodes.map((broker) => broker.kill()));
    await pause(BROKER_GONE_MS);
    // A broker waits for the others.
    const after = await timed(() => Promise.all(kafka.nodes.map((broker) => broker.restart())));
    return `every broker killed; started again ${seconds(BROKER_GONE_MS)} later, back after ${after}`;
  },

  'brokers out of reach': async ({ kafka, outageMs }) => {
    for (const { proxy } of kafka.nodes) proxy.cut();
    await pause(outageMs / 2);
    await Promise.all(kafka.nodes.map(({ proxy }) => proxy.restore()));
    return `the brokers out of reach for ${seconds(outageMs / 2)}`;
  },

  'database out of reach': async ({ database, outageMs }) => {
    database.cut();
    await pause(outageMs);
    await database.restore();
    return `the database out of reach for ${seconds(outageMs)}`;
  },

  'answers of the database lost': async ({ database }) => {
    database.swallowAnswers();
    await pause(ANSWERS_LOST_MS);
    await database.restore();
    return `the database does what it is asked for ${seconds(ANSWERS_LOST_MS)}, and its answers are lost`;
  },

  'answers of the brokers lost': async ({ kafka }) => {
    for (const { proxy } of kafka.nodes) proxy.swallowAnswers();
    await pause(ANSWERS_LOST_MS);
    await Promise.all(kafka.nodes.map(({ proxy }) => proxy.restore()));
    return `the brokers do what they are asked for ${seconds(ANSWERS_LOST_MS)}, and their answers are lost`;
  },
} satisfies Readonly<Record<string, (patient: Patient) => Promise<string>>>;

export type FaultName = keyof typeof FAULTS;

/** How often each of them comes. */
export const PACK: readonly FaultName[] = [
  ...Array<FaultName>(5).fill('service killed'),
  ...Array<FaultName>(2).fill('killed while its group shares anew'),
  ...(Object.keys(FAULTS) as FaultName[]).slice(2),
];

function oneOf<One>(all: readonly One[]): One {
  return all[Math.floor(Math.random() * all.length)]!;
}

/** None that is frozen or has only just come: nobody could tell which of two faults was to blame. */
function anyInstance({ all }: LibraryProcesses): ServiceInstance {
  return oneOf(all.filter(({ isPaused, wasReady }) => wasReady && !isPaused));
}

async function timed(what: () => Promise<unknown>): Promise<string> {
  const begun = performance.now();
  await what();
  return seconds(performance.now() - begun);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
