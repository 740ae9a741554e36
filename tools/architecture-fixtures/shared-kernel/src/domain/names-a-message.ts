// breaks domain-imports-domain
import type { Message } from '../messaging/message';

export type Named = Message;
