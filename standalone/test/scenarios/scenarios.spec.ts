import { existsSync } from 'node:fs';
import { PROGRAM } from '@library/standalone/scenarios/crash';
import { playScenario, playStory, SCENARIOS } from '@library/standalone/scenarios/scenarios';
import type { Story } from '@library/standalone/scenarios/scenario';
import type { StoryLine } from '@library/standalone/scenarios/story';

jest.setTimeout(120_000);

const NEEDS_PROGRAM = 'kill-9';
const compiled = existsSync(PROGRAM);
if (!compiled)
  console.warn(
    `The scenario ${NEEDS_PROGRAM} is left out: it kills the compiled program, and that is not compiled. Run \`npm run build\`.`,
  );

const playable = SCENARIOS.filter(({ id }) => compiled || id !== NEEDS_PROGRAM).map(({ id, title }) => ({ id, title }));

describe('every scenario ends as it should', () => {
  it.concurrent.each(playable)('$id: $title', async ({ id }) => {
    const lines: StoryLine[] = [];
    const { ok, report } = await playScenario(id, (line) => lines.push(line));

    expect(lines.filter(({ part }) => part === 'fails')).toEqual([]);
    expect(lines.filter(({ part }) => part === 'holds').length).toBeGreaterThan(1);
    expect(report.quiescent).toBe(true);
    expect(ok).toBe(true);
  });
});

it('gives every scenario an id of its own, and says what it is about', () => {
  expect(new Set(SCENARIOS.map(({ id }) => id)).size).toBe(SCENARIOS.length);
  expect(
    SCENARIOS.every(({ id, title, about, rows }) => /^[a-z0-9-]+$/.test(id) && title && about && rows.length > 0),
  ).toBe(true);
});

it('knows no scenario that is not there', async () => {
  await expect(playScenario('none', () => undefined)).rejects.toThrow(RangeError);
});

async function failuresOf(play: Story['play']) {
  const lines: StoryLine[] = [];
  const { ok } = await playStory({ id: 'x', title: 'x', about: 'x', rows: [], play }, (line) => lines.push(line));
  return { ok, failures: lines.filter(({ part }) => part === 'fails').map(({ text }) => text) };
}

describe('a story that goes wrong is not told as if it had gone well', () => {
  it('when something is not as expected', async () => {
    const told = await failuresOf(async (stage) =>
      stage.expect('There is a book.', (await stage.desk.statusOf(1)) === 'AVAILABLE'),
    );
    expect(told).toEqual({ ok: false, failures: ['There is a book.'] });
  });

  it('when it throws', async () => {
    const told = await failuresOf(() => Promise.reject(new Error('No ink.')));
    expect(told).toEqual({ ok: false, failures: ['The story broke off: No ink.'] });
  });

  it('when an invariant is broken in the end', async () => {
    const told = await failuresOf(async ({ desk, library }) => {
      const book = await desk.registerBook('x');
      await desk.registerMember('jenny', 'x');
      await desk.rent('jenny', book);
      await library.files.book.exclusively((file) =>
        file.statement(`UPDATE books SET body = json_set(body, '$.book.status', 'AVAILABLE')`).run(),
      );
    });
    expect(told).toEqual({
      ok: false,
      failures: ['Invariants are broken. G1: Book 1 is on the card of jenny, and the book says AVAILABLE.'],
    });
  });
});
