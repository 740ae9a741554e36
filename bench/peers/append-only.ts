import { open, readFile } from 'node:fs/promises';
import { serve, settings } from './rentals';

/** The practical ceiling of durable sagas over HTTP: their four events in one file, no logic, no reads. */
const { file } = settings() as { readonly file: string };

const gathered: { readonly lines: string; readonly durable: () => void; readonly failed: (error: unknown) => void }[] =
  [];
let isWriting = false;

/** Group commit: what is asked for while one write is made durable is made durable by the next. */
async function writeAll(): Promise<void> {
  if (isWriting) return;
  isWriting = true;
  const log = await opened;
  while (gathered.length > 0) {
    const group = gathered.splice(0);
    try {
      await log.write(group.map(({ lines }) => lines).join(''));
      await log.datasync();
      group.forEach(({ durable }) => durable());
    } catch (error) {
      group.forEach(({ failed }) => failed(error));
    }
  }
  isWriting = false;
}

function append(events: readonly unknown[]): Promise<void> {
  return new Promise((durable, failed) => {
    gathered.push({ lines: events.map((event) => `${JSON.stringify(event)}\n`).join(''), durable, failed });
    void writeAll();
  });
}

const opened = open(file, 'a');

serve({
  rent: ({ member, memberName, no, title }) => {
    const body = { idName: { id: member, name: memberName }, item: { no, title }, point: 10 };
    return append([body, ...Array.from({ length: 3 }, () => ({ eventType: 'RENT', ...body, success: true }))]);
  },
  giveBack: ({ member, no }) => {
    const body = { idName: { id: member }, item: { no }, point: 10 };
    return append([body, ...Array.from({ length: 3 }, () => ({ eventType: 'RETURN', ...body, success: true }))]);
  },
  totals: async () => ({ events: (await readFile(file, 'utf8')).split('\n').length - 1 }),
});
