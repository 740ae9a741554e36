import { kafkaAddress } from '@library/shared-kernel/distributed/connections';
import { KafkaMessageLog } from '@library/shared-kernel/kafka/message-log.kafka';
import type { KafkaAddress } from '@library/shared-kernel/kafka/settings';
import { MongoSurvey } from '@library/shared-kernel/mongodb/survey.mongo';
import { ServiceDatabase } from '@library/shared-kernel/mongodb/service-database';
import type { Environment } from '@library/shared-kernel/service/environment';
import { SystemClock } from '@library/shared-kernel/time/system-clock';

/** Where a distributed library keeps what it knows. */
export interface DeploymentAddress {
  readonly mongoUrl: string;
  /** What the names of the services' databases begin with. */
  readonly database: string;
  readonly kafka: Omit<KafkaAddress, 'clientId'>;
}

const NAME = 'library-verify';
const SERVICES = ['rental', 'book', 'member', 'bestbook'] as const;
type ServiceName = (typeof SERVICES)[number];

/** The stores of a distributed library, opened to be read. */
export class Deployment {
  readonly clock = new SystemClock();
  readonly log: KafkaMessageLog;
  readonly databases: Readonly<Record<ServiceName, ServiceDatabase>>;
  readonly surveys: Readonly<Record<ServiceName, MongoSurvey>>;

  private constructor({ mongoUrl, database, kafka }: DeploymentAddress) {
    const { clock } = this;
    const opened = SERVICES.map((name) => {
      const own = ServiceDatabase.open(mongoUrl, `${database}_${name}`, { clock, driver: { appName: NAME } });
      return [name, own] as const;
    });
    this.databases = Object.fromEntries(opened) as Record<ServiceName, ServiceDatabase>;
    this.surveys = Object.fromEntries(opened.map(([name, own]) => [name, new MongoSurvey(own)])) as Record<
      ServiceName,
      MongoSurvey
    >;
    this.log = new KafkaMessageLog({
      ...kafka,
      clientId: NAME,
      clock,
      random: Math.random,
      logger: { info: silent, warn: silent, error: silent },
      onFailure: silent,
    });
  }

  /** Connects to nothing yet. Throws when the URL asks for less than a service needs. */
  static open(address: DeploymentAddress): Deployment {
    return new Deployment(address);
  }

  async close(): Promise<void> {
    await this.log.close();
    await Promise.all(Object.values(this.databases).map((database) => database.close()));
  }
}

/** Where the environment says that the library is; it must be that of MODE=distributed. */
export function deploymentAddress(environment: Environment): DeploymentAddress {
  return {
    mongoUrl: environment.MONGO_URL!,
    database: environment.MONGO_DATABASE,
    kafka: kafkaAddress(environment, NAME),
  };
}

/** What cannot be read is thrown as well. */
function silent(): void {}
