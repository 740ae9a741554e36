import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

/** A Kafka client that shares nothing with us: Debian's `kcat`, built on librdkafka. */
const KCAT = 'kcat';

/** A message as kcat shows it. */
export interface Seen {
  readonly key: string;
  /** Of the record, in milliseconds since the epoch. */
  readonly time: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface Printed {
  readonly key: string;
  readonly ts: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly payload: string;
}

/** A `describe` for whoever needs kcat: says so in one line when it is not here, and fails where it was to be here. */
export function describeWithKcat(
  describeWhere: (name: string, specify: () => void) => void,
  name: string,
  specify: () => void,
): void {
  if (spawnSync(KCAT, ['-V']).status === 0) return describeWhere(name, specify);
  if (process.env['REQUIRE_INFRA'] === '1') {
    it(`${name}: needs kcat`, () => {
      throw new Error('There is no kcat, and REQUIRE_INFRA asks for everything: apt-get install kcat.');
    });
    return;
  }
  process.stderr.write(`${name}: skipped, because there is no kcat (apt-get install kcat).\n`);
  describe.skip(name, specify);
}

/** Everything in a topic; the messages of one key are in their order. */
export async function readAll(brokers: readonly string[], topic: string): Promise<readonly Seen[]> {
  const asked = ['-b', brokers.join(','), '-C', '-t', topic, '-o', 'beginning', '-e', '-q', '-J'];
  const { stdout } = await promisify(execFile)(KCAT, asked);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const { key, ts, headers, payload } = JSON.parse(line) as Printed;
      const pairs = headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1]!] as const] : []));
      return { key, time: ts, headers: Object.fromEntries(pairs), body: JSON.parse(payload) as unknown };
    });
}

/** Rejects when the brokers do not take it. */
export async function write(
  brokers: readonly string[],
  topic: string,
  { key, headers, body }: Omit<Seen, 'time'>,
): Promise<void> {
  // kcat's own choice of a partition is another one than ours and Java's, so a key's story would be torn in two.
  const asked = ['-b', brokers.join(','), '-P', '-t', topic, '-k', key, '-X', 'partitioner=murmur2_random'];
  const named = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}=${value}`]);
  const writing = promisify(execFile)(KCAT, [...asked, ...named]);
  writing.child.stdin?.end(JSON.stringify(body));
  await writing;
}
