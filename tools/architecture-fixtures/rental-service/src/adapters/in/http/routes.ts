import { Router } from 'express';
import { rentSaga } from '../../../application/sagas/rent.saga';

export const routes = [Router(), rentSaga];
