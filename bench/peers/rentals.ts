import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Express } from 'express';

/** What one request asks for. */
export interface Rental {
  readonly member: string;
  readonly memberName: string;
  readonly no: number;
  readonly title: string;
}

/** Sums over all that a peer has kept, for whoever wants to know whether every effect is there. */
export type Totals = Readonly<Record<string, number>>;

/** What a peer does. Each saga has completed, and is durable with all its effects, when its promise resolves. */
export interface Rentals {
  rent(rental: Rental): Promise<void>;
  giveBack(rental: Pick<Rental, 'member' | 'no'>): Promise<void>;
  totals(): Totals | Promise<Totals>;
}

/** Told to a peer when it is started. */
export interface Population {
  readonly members: number;
  readonly books: number;
}

/** The calls of the library that the load generator makes, and the sums. */
export function serve(rentals: Rentals): void {
  const app = answering({ '/totals': () => rentals.totals() }).use(express.json());
  app.post('/rental-cards/:member/rentals', async ({ params, body }, response) => {
    const { memberName, item } = body as Pick<Rental, 'memberName'> & { item: Pick<Rental, 'no' | 'title'> };
    await rentals.rent({ member: params.member, memberName, ...item });
    response.status(201).json({ member: params.member, item, status: 'COMPLETED' });
  });
  app.post('/rental-cards/:member/returns', async ({ params, body }, response) => {
    const { item } = body as { item: Pick<Rental, 'no'> };
    await rentals.giveBack({ member: params.member, no: item.no });
    response.status(200).json({ member: params.member, item, status: 'COMPLETED' });
  });
  listen(app);
}

/** Answers questions alone: each path with what its function finds for the query. */
export function answering(
  answers: Readonly<Record<string, (query: Readonly<Record<string, unknown>>) => Totals | Promise<Totals>>>,
): Express {
  const app = express().disable('x-powered-by');
  for (const [path, answer] of Object.entries(answers))
    app.get(path, async ({ query }, response) => {
      response.json(await answer(query));
    });
  return app;
}

/** On any free port. Says where, for whoever has started this program. */
export function listen(app: Express): void {
  const server = createServer(app);
  server.listen(0, '127.0.0.1', () => sayWhere((server.address() as AddressInfo).port));
}

/** Whoever has started this program waits for the line. */
export function sayWhere(port: number): void {
  process.stdout.write(`listens on http://127.0.0.1:${port}\n`);
}

/** What this program was started with: one argument, in JSON. */
export function settings(): unknown {
  return JSON.parse(process.argv[2] ?? '{}');
}
