import { lookUntilCertain } from '@library/standalone/verify/looks';
import { Findings } from '@library/standalone/verify/report';

/** What each look finds: the things that are wrong, with the version of the record that they are about. */
type Seen = Readonly<Record<string, number>>;

function looking(looks: readonly Seen[], { quiescent = false } = {}) {
  let at = 0;
  return () => {
    const findings = new Findings();
    for (const [book, version] of Object.entries(looks[Math.min(at, looks.length - 1)]!)) {
      findings.saw(`book ${book}`, version);
      findings.offends('G1', `book ${book}`, `Book ${book} is wrong.`, `book ${book}`);
    }
    findings.quiescent = quiescent;
    at++;
    return Promise.resolve(findings);
  };
}

async function told(look: () => Promise<Findings>) {
  const { checks, notes } = await lookUntilCertain(look, 1);
  return { offenders: checks.flatMap(({ offenders }) => offenders), notes };
}

it('looks once at what is well and rests', async () => {
  expect(await told(looking([{}], { quiescent: true }))).toEqual({
    offenders: [],
    notes: ['Looked once: nothing was wrong.'],
  });
});

it('looks three times before it names anything', async () => {
  expect(await told(looking([{ '1': 7 }], { quiescent: true }))).toEqual({
    offenders: ['Book 1 is wrong.'],
    notes: ['Looked 3 times: what is named was wrong each of the last 3.'],
  });
});

it('does not name what one of the looks has not found', async () => {
  expect(await told(looking([{ '1': 7 }, { '1': 7 }, {}], { quiescent: true }))).toEqual({
    offenders: [],
    notes: ['Looked 3 times.'],
  });
});

it('looks again at what moves, though nothing is wrong', async () => {
  expect(await told(looking([{}]))).toEqual({ offenders: [], notes: ['Looked 3 times.'] });
});

it('names what the first looks could not see yet', async () => {
  expect(await told(looking([{}, { '1': 7 }]))).toEqual({
    offenders: ['Book 1 is wrong.'],
    notes: ['Looked 4 times: what is named was wrong each of the last 3.'],
  });
});

it('does not name what was wrong in each look, but never with the same records', async () => {
  const moving = Array.from({ length: 10 }, (_, at) => ({ '1': at, '2': 7 }));

  expect(await told(looking(moving))).toEqual({
    offenders: ['Book 2 is wrong.'],
    notes: [
      'Looked 6 times: what is named was wrong each of the last 3.',
      '1 more things did not agree in the last look, while they changed: look again when less is going on.',
    ],
  });
});
