import type { Verb } from './verb';
import { BACKUPS } from './verbs/backups';
import { BEST_BOOKS } from './verbs/best-books';
import { BOOKS } from './verbs/books';
import { CLOCK } from './verbs/clock';
import { DOCTOR } from './verbs/doctor';
import { ENVIRONMENT } from './verbs/environment';
import { MEMBERS } from './verbs/members';
import { MESSAGING } from './verbs/messaging';
import { PARKED } from './verbs/parked';
import { RENTING } from './verbs/renting';
import { SAGAS } from './verbs/sagas';
import { SCENARIO_VERBS } from './verbs/scenarios';
import { VERIFY } from './verbs/verify';

/** Everything that the command line can do, in the order of the help. */
export const VERBS: readonly Verb[] = [
  ...RENTING,
  ...BOOKS,
  ...MEMBERS,
  ...BEST_BOOKS,
  ...SAGAS,
  ...PARKED,
  ...MESSAGING,
  ...CLOCK,
  ...VERIFY,
  ...SCENARIO_VERBS,
  ...BACKUPS,
  ...DOCTOR,
  ...ENVIRONMENT,
];
