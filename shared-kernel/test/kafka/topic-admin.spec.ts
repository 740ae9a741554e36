import { adminFault } from '../../src/kafka/topic-admin';
import { Fault } from '../../src/store/fault';

describe('what kafkajs throws while it looks at topics', () => {
  it('is a broker that does not answer, when it reads from an answer that it has not got [H1]', () => {
    const failure = adminFault(new TypeError("Cannot destructure property 'topicMetadata' of '(intermediate value)'"));

    expect(failure).toBeInstanceOf(Fault);
    expect(failure).toMatchObject({ retryable: true });
    expect(String(failure)).toContain('No broker answers');
  });

  it('is left as it is, when it is something else', () => {
    const other = new Error('Not allowed to look.');

    expect(adminFault(other)).toBe(other);
  });
});
