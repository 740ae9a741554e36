import * as fc from 'fast-check';
import { contradictionsIn, DEFAULT_TIMING } from '../../src/saga/timing';
import type { SagaTiming } from '../../src/saga/timing';

const about = (changes: Partial<SagaTiming>) => contradictionsIn({ ...DEFAULT_TIMING, ...changes });

describe('A timing', () => {
  it('is sound as it is delivered', () => {
    expect(contradictionsIn(DEFAULT_TIMING)).toEqual([]);
  });

  it.each<[string, Partial<SagaTiming>, string]>([
    [
      'asks again after its announcement has expired',
      { resendAfterMs: [60_000, 60_000] },
      'the last of them would be sent after',
    ],
    ['never asks again', { resendAfterMs: [] }, 'at least one wait'],
    ['forgets what may still be acted on', { fencesKeptMs: 720_000 }, 'Fences must be kept'],
    ['may not wait as long as it must', { longestWaitMs: 119_999 }, 'longestWaitMs'],
    ['waits no time', { insistAfterMs: 0 }, 'insistAfterMs'],
    ['goes back in time', { resendAfterMs: [2_000, -1] }, 'resendAfterMs'],
    ['waits for ever', { longestWaitMs: Infinity }, 'longestWaitMs'],
    ['waits for no number', { graceMs: NaN }, 'graceMs'],
  ])('contradicts itself when it %s [F9]', (_what, changes, sentence) => {
    expect(about(changes)).toEqual([expect.stringContaining(sentence)]);
  });

  it('tells every contradiction', () => {
    expect(about({ insistAfterMs: -1, clockToleranceMs: DEFAULT_TIMING.fencesKeptMs })).toHaveLength(2);
  });

  it('leaves time between the last re-send and the expiry, whatever it is, when it does not contradict itself [F9]', () => {
    const wait = fc.integer({ min: 1, max: 200_000 });
    fc.assert(
      fc.property(fc.array(wait, { minLength: 1, maxLength: 6 }), wait, (resendAfterMs, expiresAfterMs) => {
        const sound = about({ resendAfterMs, expiresAfterMs }).length === 0;
        expect(sound).toBe(
          resendAfterMs.reduce((sum, each) => sum + each, 0) < expiresAfterMs &&
            resendAfterMs.every((each) => each <= 300_000),
        );
      }),
    );
  });
});
