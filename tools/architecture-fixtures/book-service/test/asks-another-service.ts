// breaks services-meet-on-the-wire
import { lateFee } from '../../rental-service/src/domain/late-fee';

export const asked = lateFee;
