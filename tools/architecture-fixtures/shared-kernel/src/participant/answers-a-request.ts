// breaks kernel-core-is-pure
import { server } from '../http/server';

export const answered = server;
