import { Container } from 'inversify';
import { cards } from './adapters/out/embedded/rental-cards';

export const rental = [new Container(), cards];
