// breaks domain-imports-domain
import { rentSaga } from '../application/sagas/rent.saga';

export const asked = rentSaga;
