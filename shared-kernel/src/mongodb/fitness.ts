import { MongoClient } from 'mongodb';
import type { TopologyDescription } from 'mongodb';
import type { Fault } from '../store/fault';
import { unsuitable } from './mongo-fault';

/** MongoDB 6.0, the oldest that the suites are meant to be run against. */
const OLDEST_WIRE_VERSION = 17;

/** Throws when the URL is none, or asks for less than a change needs: what was answered must survive the loss of the primary. */
export function mustAskForEnough(url: string): void {
  const { writeConcern, readConcern, readPreference } = optionsIn(url);

  if (writeConcern?.w !== undefined && writeConcern.w !== 'majority') throw weak(`w=${writeConcern.w}`);
  if (writeConcern?.journal === false) throw weak('journal=false');
  if (readConcern && readConcern.level !== 'majority' && readConcern.level !== 'linearizable')
    throw weak(`readConcernLevel=${readConcern.level}`);
  if (readPreference.mode !== 'primary') throw weak(`readPreference=${readPreference.mode}`);
}

/** Throws when the server is one that could lose what it has acknowledged, or is too old. */
export function mustBeFit({ type, servers }: TopologyDescription, allowStandalone: boolean): void {
  const known = [...servers.values()].filter((server) => server.type !== 'Unknown');
  if (!allowStandalone && known.some((server) => server.type === 'Standalone'))
    throw unsuitable(
      'The MongoDB server is not a member of a replica set: what it acknowledged is lost with its disk. Start it as a replica set, or allow a standalone server by name (MONGO_ALLOW_STANDALONE=true), for tests and development.',
    );
  const newest = Math.max(...known.map(({ maxWireVersion }) => maxWireVersion));
  if (newest < OLDEST_WIRE_VERSION)
    throw unsuitable(`The MongoDB server (${type}) is older than 6.0, the oldest version that this program runs on.`);
}

/** What the driver says about a URL names settings, and never the password. */
function optionsIn(url: string) {
  try {
    return new MongoClient(url).options;
  } catch (error) {
    // Trap: some of these errors are of a package behind the driver, with classes of its own.
    const { name, message } = error as Error;
    if (name.startsWith('Mongo')) throw unsuitable(`The MongoDB URL cannot be used: ${message}.`);
    throw error;
  }
}

/** A file that the URL names (`tlsCAFile`, say) cannot be read; undefined for any other error. */
export function unreadableFile(error: unknown): Fault | undefined {
  const { syscall, code, path } = error as NodeJS.ErrnoException;
  return syscall === 'open' && path !== undefined
    ? unsuitable(`The MongoDB URL names the file ${path}, which cannot be read (${code}).`)
    : undefined;
}

function weak(setting: string): Fault {
  return unsuitable(`The MongoDB URL sets ${setting}, with which an acknowledged change could be lost; leave it out.`);
}
