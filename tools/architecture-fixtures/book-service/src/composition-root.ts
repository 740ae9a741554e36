import { Container } from 'inversify';

export const book = new Container();
