// breaks services-meet-on-the-wire
import type { library } from '../../standalone/src/composition-root';

export type Named = typeof library;
