import { InfraFailure } from './infra-failure';
import { ROOT } from './local-folder';

/** Its servers, by their names in it. */
export const COMPOSED = ['kafka', 'mongo'];
/** What leads a service on this machine to them. */
export const COMPOSED_VARIABLES = {
  KAFKA_BROKERS: 'localhost:9092',
  MONGO_URL: 'mongodb://localhost:27017/?directConnection=true',
} as const;

/**
 * A real Kafka and a real MongoDB, as docker-compose.yml describes them, in containers that forget everything when they are
 * stopped. Undefined where no Docker engine answers; rejects with an InfraFailure where it does not get them to run.
 */
export async function startContainers(): Promise<{ stop(): Promise<void> } | undefined> {
  // Not loaded by whoever starts nothing: it is large.
  const { DockerComposeEnvironment, getContainerRuntimeClient, Wait } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
  } catch {
    return undefined;
  }

  const healthy = Wait.forHealthCheck();
  try {
    const started = await new DockerComposeEnvironment(ROOT, 'docker-compose.yml')
      .withProfiles('infrastructure')
      .withDefaultWaitStrategy(healthy)
      .up(COMPOSED);
    return { stop: async () => void (await started.down({ removeVolumes: true })) };
  } catch (error) {
    throw new InfraFailure(
      `Docker could not start ${COMPOSED.join(' and ')} (${(error as Error).message}): see whether the ports 9092 and 27017 are free, or name servers that run in KAFKA_BROKERS and MONGO_URL.`,
    );
  }
}
