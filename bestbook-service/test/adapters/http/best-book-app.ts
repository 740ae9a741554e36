import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bookNo } from '@library/shared-kernel/domain/identifiers';
import { localDate } from '@library/shared-kernel/domain/local-date';
import { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import { serviceApp } from '@library/shared-kernel/http/service-app';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { bestBookRoutes } from '../../../src/adapters/in/http/best-book-routes';
import { originalRoutes } from '../../../src/adapters/in/http/original-routes';
import { EmbeddedCountsOfAll } from '../../../src/adapters/out/embedded/counts-of-all.embedded';
import { EmbeddedCurrentGeneration } from '../../../src/adapters/out/embedded/current-generation.embedded';
import { BestBooks } from '../../../src/application/best-books';
import type { Generation, RentCounts } from '../../../src/application/ports';
import { Ranking } from '../../../src/application/ranking';
import { rentCountKind } from '../../../src/application/rent-count-kind';

/** The routes of the best-book service over its real use cases, on a file in a temporary folder; nothing is consumed. */
export async function openBestBookApp() {
  const folder = mkdtempSync(join(tmpdir(), 'bestbook-service-'));
  const clock = new SystemClock();
  const file = ServiceFile.open(join(folder, 'bestbook.sqlite'), clock);
  const ranking = new Ranking(generationOf, new EmbeddedCurrentGeneration(file), clock, () => undefined);
  const records = new Map<number, RentCounts>();
  const bestBooks = new BestBooks(ranking);
  let isWhole = true;
  const stop = await ranking.start();

  const app = serviceApp(
    {
      name: 'bestbook-service',
      version: '0.0.0',
      summary: 'How often each book is rented.',
      routes: [...bestBookRoutes({ bestBooks, ranking }), ...originalRoutes({ bestBooks })],
      health: {},
      metrics: [],
      speakers: ['bestbook'],
    },
    { clock, log: { warn: console.warn, error: console.error }, checkAnswers: true },
  );

  function generationOf(number: number): Generation {
    const kind = rentCountKind(number);
    records.set(number, file.records(kind));
    const counts = new EmbeddedCountsOfAll(file, kind.name);
    return {
      number,
      counts,
      start: async () => async () => undefined,
      answer: () => undefined,
      behind: async () => 0,
      isNew: async () => true,
      hasWholePast: async () => isWhole,
      discard: () => counts.discard(),
    };
  }

  return {
    app,
    /** As a rent is counted: as many times, by the generation that is read. */
    count: async (no: number, day: string, times = 1) => {
      const on = localDate(day);
      for (let rents = 0; rents < times; rents++) {
        await records.get(ranking.running.number)!.change(String(no), [on], (record) => {
          record.add({ no: bookNo(no), title: `book ${no}` }, on);
          return rents;
        });
      }
    },
    /** Old rents are not in the log any more. */
    forgetPast: () => {
      isWhole = false;
    },
    close: async () => {
      await stop();
      await file.close();
      rmSync(folder, { recursive: true });
    },
  };
}
