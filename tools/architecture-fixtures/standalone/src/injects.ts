// breaks inversify-in-its-place
import { Container } from 'inversify';

export const container = new Container();
