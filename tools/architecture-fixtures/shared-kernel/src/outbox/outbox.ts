import type { Message } from '../messaging/message';

export type Outbox = Message[];
