import type { SagaId } from '@library/shared-kernel/domain/identifiers';
import type { RefusalCode } from '@library/shared-kernel/domain/refusal';

/** What a request was answered: the saga that it began or found running, or why it was refused. */
export type Answered = { readonly saga: SagaId } | { readonly refused: RefusalCode };
