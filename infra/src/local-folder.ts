import { join } from 'node:path';

/** The repository, seen from the sources as well as from what is compiled: `docker-compose.yml` and the services are there. */
export const ROOT = join(__dirname, '..', '..');
const LOCAL = join(ROOT, 'infra', 'local');

export const POM = join(LOCAL, 'pom.xml');
export const LOG_SETTINGS = join(LOCAL, 'log4j2.properties');
export const MONGO_PROGRAM = join(LOCAL, 'TestMongo.java');
/** Where jars are kept once they were fetched. */
export const CACHE = join(LOCAL, '.cache');
/** Where servers keep what is theirs when nobody names another folder. */
export const DATA = join(LOCAL, '.data');
