import { Gateway } from '@library/infra/gateway';
import { problem } from '@library/shared-kernel/http/problem';

const LARGEST_BODY = 16 * 1024;

describe('the gateway', () => {
  it.each([
    ['takes what a service takes', LARGEST_BODY, { status: 503 }],
    [
      'refuses what is larger with the sentence of a service',
      LARGEST_BODY + 1,
      { detail: problem('too-large').detail },
    ],
  ])('%s', async (_, length, answer) => {
    const gateway = await Gateway.start(() => []);
    const response = await fetch(`${gateway.origin}/books`, { method: 'POST', body: 'x'.repeat(length) });
    const body = (await response.json()) as object;
    await gateway.stop();

    expect(body).toMatchObject(answer);
  });
});
