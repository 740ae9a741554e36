import { randomUUID } from 'node:crypto';
import type { Answer, Client } from '../client';
import type { Population } from '../prefill';

/** What the library has acknowledged of one saga. */
export interface Acknowledged {
  readonly saga: string;
  /** The end that an answer has told of; absent when it only said that the saga has begun. */
  readonly ended?: 'COMPLETED' | 'COMPENSATED';
}

interface CardItem {
  readonly no: number;
  readonly state: string;
}

const RETRY_MS = 50;

/**
 * Somebody at a desk who rents and takes back without pause, and asks again, with the same key, whatever breaks. Remembers
 * everything that was acknowledged.
 */
export class Desk {
  readonly acknowledged = new Map<string, Acknowledged>();
  /** What the answers contradicted each other in. */
  readonly contradictions: string[] = [];
  /** How often a request had to be asked again, because the process was gone. */
  retries = 0;
  /** Members whose rents were accepted here, and who may still have something. */
  private readonly borrowers: string[] = [];
  private stopped = false;

  constructor(
    private readonly client: Pick<Client, 'get' | 'post'>,
    private readonly population: Population,
  ) {}

  async work(): Promise<void> {
    while (!this.stopped) {
      const borrower = this.borrowers.length > 3 || Math.random() < 0.4 ? this.borrowers.shift() : undefined;
      if (borrower !== undefined) await this.takeBackFrom(borrower);
      else await this.rent(`m${pick(this.population.members)}`, pick(this.population.books));
    }
  }

  stop(): void {
    this.stopped = true;
  }

  private async rent(member: string, no: number): Promise<void> {
    const body = { memberName: member, item: { no, title: `책 ${no}` } };
    const answer = await this.ask(`/rental-cards/${member}/rentals`, body);
    // Accepted is lent too, in most cases. Whoever forgot it would soon leave no book to lend.
    if (answer?.status === 201 || answer?.status === 202) this.borrowers.push(member);
  }

  /** Whatever is on the member's card; it may be in the middle of something, and is looked at again then. */
  private async takeBackFrom(member: string): Promise<void> {
    const items = await this.itemsOf(member);
    if (items === undefined || items.some(({ state }) => state !== 'RENTED')) this.borrowers.push(member);
    for (const { no, state } of items ?? [])
      if (state === 'RENTED') await this.ask(`/rental-cards/${member}/returns`, { item: { no } });
  }

  /** Undefined when nobody says. */
  private async itemsOf(member: string): Promise<readonly CardItem[] | undefined> {
    try {
      const { status, body } = await this.client.get(`/rental-cards/${member}`);
      if (status === 200) return (body as { readonly items: readonly CardItem[] }).items;
    } catch {
      // The process is gone, and is being started again.
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    return undefined;
  }

  /** Undefined when the desk closed before an answer came. */
  private async ask(path: string, body: unknown): Promise<Answer | undefined> {
    const key = randomUUID();
    const wait: Record<string, string> = Math.random() < 0.7 ? { Prefer: 'wait=5' } : {};
    for (let asked = 0; !this.stopped || asked === 0; asked++) {
      try {
        const answer = await this.client.post(path, body, { 'Idempotency-Key': key, ...wait });
        if (answer.status < 500) {
          this.note(key, answer);
          return answer;
        }
      } catch {
        // The process is gone, and is being started again.
      }
      this.retries++;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    return undefined;
  }

  /** Remembers what an answer to the request with this key acknowledges, and whether an earlier one said otherwise. */
  note(key: string, { status, headers, body }: Answer): void {
    const saga = headers['location']?.replace('/sagas/', '') ?? (body as { sagaId?: string }).sagaId;
    if (saga === undefined) return;
    const known = this.acknowledged.get(key);
    if (known && known.saga !== saga)
      this.contradictions.push(`The key ${key} was answered with the sagas ${known.saga} and ${saga}.`);
    const ended = status === 409 ? 'COMPENSATED' : status === 200 || status === 201 ? 'COMPLETED' : undefined;
    this.acknowledged.set(key, { saga, ...(ended === undefined ? {} : { ended }) });
  }
}

function pick(many: number): number {
  return 1 + Math.floor(Math.random() * many);
}
