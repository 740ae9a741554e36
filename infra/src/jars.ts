import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { InfraFailure } from './infra-failure';
import { CACHE, MONGO_PROGRAM, POM } from './local-folder';
import { runJava } from './server-process';

/** The compiler of the very Java that will run what it makes. */
const JAVAC = ['-m', 'jdk.compiler/com.sun.tools.javac.Main'];

/**
 * The Java class path of what `pom.xml` lists, fetched by Maven when this is asked for the first time (about 45 MB), and of
 * `TestMongo`, which is compiled then: it would take 1.6 s at each start.
 *
 * The folder's name is the mark that it is whole: it is filled under another name and renamed in the end, so a fetch that
 * broke off is done again, and so is one of an older `pom.xml`.
 */
export async function classPath(cache: string = CACHE): Promise<string> {
  const made = createHash('sha256').update(readFileSync(POM)).update(readFileSync(MONGO_PROGRAM)).digest('hex');
  const whole = join(cache, `jars-${made.slice(0, 12)}`);
  if (!existsSync(whole)) await fetchInto(whole);
  return [whole, join(whole, '*')].join(delimiter);
}

async function fetchInto(whole: string): Promise<void> {
  const partial = `${whole}.${process.pid}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    await maven('-q', '-B', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${partial}`);
    const jars = readdirSync(partial).map((jar) => join(partial, jar));
    await runJava([...JAVAC, '-cp', jars.join(delimiter), '-d', partial, MONGO_PROGRAM]);
    renameSync(partial, whole);
  } catch (error) {
    // Another process was faster, and what it fetched is the same.
    if (!existsSync(whole)) throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function maven(...args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('mvn', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', ({ message }) =>
      reject(
        new InfraFailure(
          `Maven, which fetches Kafka's jars, cannot be started (${message}): install it (Debian: apt install maven; macOS: brew install maven).`,
        ),
      ),
    );
    child.once('close', (code) =>
      code === 0
        ? resolve()
        : reject(
            new InfraFailure(
              `Maven could not fetch the jars (exit code ${code}). Is Maven Central reachable from here? It said:\n${said.trim()}`,
            ),
          ),
    );
  });
}
