// breaks adapters-out-and-in-are-strangers
import type { routes } from '../../in/http/routes';

export type Named = typeof routes;
