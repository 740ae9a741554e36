import { canStartServers, provideServers } from '@library/infra/for-tests';
import { brokersIn, mongoUrlIn, requireServers } from '@library/infra/required-servers';

/** As where there is no Docker; else these specs would start containers. */
const noContainers = async () => undefined;

describe('servers for tests', () => {
  const { JAVA_HOME } = process.env;

  beforeEach(() => {
    process.env['JAVA_HOME'] = '/there/is/no/java';
  });
  afterEach(() => {
    if (JAVA_HOME === undefined) delete process.env['JAVA_HOME'];
    else process.env['JAVA_HOME'] = JAVA_HOME;
    jest.restoreAllMocks();
  });

  it('says in one line why specs will be skipped where none can be started', async () => {
    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const environment: NodeJS.Dict<string> = {};
    const end = await provideServers(environment, noContainers);

    expect(said.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^Specs that need servers .* are skipped\. Java cannot be started .*: install Java 17 .*\n$/,
        ),
      ],
    ]);
    expect(brokersIn(environment)).toBeUndefined();
    expect(mongoUrlIn(environment)).toBeUndefined();
    expect(canStartServers(environment)).toBe(false);
    await end();
  });

  it('fails with that sentence when servers are required', async () => {
    await expect(provideServers({ REQUIRE_INFRA: '1' }, noContainers)).rejects.toThrow(
      /^Java cannot be started .*: install Java 17/,
    );
  });

  it('are those in containers, where they start', async () => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const environment: NodeJS.Dict<string> = {};
    let running = true;
    const end = await provideServers(environment, async () => ({ stop: async () => void (running = false) }));

    expect(brokersIn(environment)).toEqual(['localhost:9092']);
    expect(mongoUrlIn(environment)).toBe('mongodb://localhost:27017/?directConnection=true');
    expect(running).toBe(true);
    await end();
    expect(running).toBe(false);
  });

  it('ask for no Java where none has to be started', async () => {
    const environment: NodeJS.Dict<string> = {};
    const end = await requireServers(environment, async () => ({ stop: async () => undefined }));

    expect(brokersIn(environment)).toEqual(['localhost:9092']);
    await end();
    await expect(requireServers({}, noContainers)).rejects.toThrow(/^Java cannot be started .*: install Java 17/);
  });

  it('reads several addresses of brokers', () => {
    expect(brokersIn({ KAFKA_BROKERS: 'one:1,two:2' })).toEqual(['one:1', 'two:2']);
  });
});
