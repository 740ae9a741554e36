import type { Broker, Cluster } from './protocol';

/** The broker that looks after a group; looked for again whenever a question to it fails. */
export class Coordinator {
  private found: Promise<Broker> | undefined;

  constructor(
    private readonly cluster: Cluster,
    private readonly groupId: string,
  ) {}

  async ask<Answer>(question: (broker: Broker) => Promise<Answer>): Promise<Answer> {
    this.found ??= this.cluster.findGroupCoordinator({ groupId: this.groupId });
    try {
      return await question(await this.found);
    } catch (error) {
      this.found = undefined;
      throw error;
    }
  }
}
