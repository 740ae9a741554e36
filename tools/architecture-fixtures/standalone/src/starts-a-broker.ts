// breaks infra-serves-development-only
import { broker } from '../../infra/src/kafka';

export const address = broker;
