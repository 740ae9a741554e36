import { metadataOf } from '../../src/kafka/topic-admin';
import { Fault } from '../../src/store/fault';

/** What kafkajs does when the brokers are lost while it looks at topics. */
const readsFromNothing = {
  fetchTopicMetadata: async () => {
    throw new TypeError("Cannot read properties of null (reading 'topicMetadata')");
  },
};

describe('looking at topics', () => {
  it('is a broker that does not answer, when kafkajs reads from an answer that it has not got [H1]', async () => {
    const failure = await metadataOf(readsFromNothing, ['rental.item-rented']).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(Fault);
    expect(failure).toMatchObject({ retryable: true });
    expect(String(failure)).toContain('No broker answers');
  });

  it('leaves every other failure as it is', async () => {
    const other = new Error('Not allowed to look.');
    const refuses = { fetchTopicMetadata: () => Promise.reject(other) };

    await expect(metadataOf(refuses, ['rental.item-rented'])).rejects.toBe(other);
  });
});
