import type { Relay } from '../outbox/relay';
import { Answering } from '../participant/answering';
import { ForgetFences } from '../participant/forget-fences';
import type { FencedRecord, Participant } from '../participant/participant';
import { ServiceWork } from './service-work';
import type { World } from './world';

const FORGET_MS = 60_000;

export interface ParticipantWorkSettings {
  /** False while it only catches up: then it answers nothing, and forgets nothing. */
  readonly answers?: () => boolean;
}

/** What a participant does beside answering requests: it does its part in the sagas by its table, and answers. */
export function participantWork<Living extends FencedRecord>(
  world: World,
  group: string,
  relay: Relay<Living>,
  participant: Participant<Living>,
  { answers = () => true }: ParticipantWorkSettings = {},
): ServiceWork<Living> {
  const answering = new Answering(participant, world.clock, world.timing, answers);
  const forgetting = new ForgetFences(relay.records, world.clock);

  return new ServiceWork(world, {
    group,
    topics: answering.topics,
    relay,
    react: (message) => answering.react(message as Parameters<typeof answering.react>[0]),
    jobs: [
      { name: 'forget fences', everyMs: FORGET_MS, run: () => (answers() ? forgetting.execute() : Promise.resolve()) },
    ],
  });
}
