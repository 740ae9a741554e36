import { existsSync } from 'node:fs';
import { StorageFault } from '@library/shared-kernel/embedded/storage-fault';
import type { Call } from '../call';
import { counted, table, type Paint } from '../display';
import { dataFolderFindings } from '../diagnosis/data-folder';
import { bad, ok, warn, type Finding } from '../diagnosis/finding';
import { operatorFindings, runningFindings } from '../diagnosis/library';
import { environmentFinding, nodeFinding } from '../diagnosis/machine';
import { portFindings } from '../diagnosis/ports';
import { EXIT } from '../exit';
import { holderOf } from '../folder-holder';
import { NothingAnswers } from '../library-api';
import type { Told } from '../told';
import type { Verb } from '../verb';

/** Whether anything is wrong, and what to do. */
export const DOCTOR: readonly Verb[] = [
  {
    name: 'doctor',
    says: 'Look for whatever may be wrong: machine, data folder, ports, messages, sagas.',
    instead:
      'only an embedded library is examined. `/health/ready` says of a distributed one what is wrong with each service.',
    more: 'Ends with 1 when something is bad.',
    data: 'beside-url',
    run: doctor,
  },
];

async function doctor(call: Call): Promise<Told> {
  const running = await runningOrNot(call);
  const answers = running.some(({ what }) => what === 'clock');
  const { HTTP_HOST: host, HTTP_PORT: port } = call.environment;
  const isHeld = call.isFolderMeant && holderOf(call.folder) !== undefined;
  const folder = dataFolderFindings(call.folder, !answers && !isHeld);
  const isReadable = existsSync(call.folder) && !isHeld && folder.every(({ state }) => state !== 'bad');

  const findings = [
    nodeFinding(process.version),
    environmentFinding(call.terminal.variables),
    ...running,
    ...(await portFindings(host, port)),
    ...folder,
    ...(answers || isReadable ? await seenTo(call) : []),
  ];
  const exit = findings.some(({ state }) => state === 'bad') ? EXIT.failed : EXIT.ok;
  return call.told({ ok: exit === EXIT.ok, findings }, (told, paint) => text(told.findings, paint), exit);
}

async function runningOrNot(call: Call): Promise<readonly Finding[]> {
  if (call.isFolderMeant) return [folderLibraryFinding(call)];
  try {
    return await runningFindings(call);
  } catch (error) {
    if (error instanceof NothingAnswers && call.mayBeFolder)
      return [ok('library', `Nothing answers at ${error.url}: it is not running.`)];
    throw error;
  }
}

function folderLibraryFinding({ folder }: Call): Finding {
  return holderOf(folder)
    ? warn('library', 'It runs on the folder that was named, and was not asked.', 'Name its address too, with --url.')
    : ok('library', 'It is not running on the folder that was named.');
}

async function seenTo(call: Call): Promise<readonly Finding[]> {
  try {
    return await operatorFindings(call);
  } catch (error) {
    // A folder in which some file is still missing: that is said already.
    if (error instanceof NothingAnswers) return [];
    if (error instanceof StorageFault)
      return [bad('data folder', error.message, 'Restore a backup with `library restore`.')];
    throw error;
  }
}

function text(findings: readonly Finding[], paint: Paint): string {
  const marks = { ok: paint.good('ok'), warn: paint.warn('warn'), bad: paint.bad('BAD') };
  const rows = findings.map(({ what, state, says, advice }) => [
    marks[state],
    what,
    advice === undefined ? says : `${says} ${paint.strong(advice)}`,
  ]);
  const count = (state: Finding['state']) => findings.filter((finding) => finding.state === state).length;
  const verdict =
    count('bad') > 0
      ? paint.bad(`${counted(count('bad'), 'thing is', 'things are')} bad.`)
      : count('warn') > 0
        ? paint.warn(`${counted(count('warn'), 'thing wants', 'things want')} to be looked at.`)
        : paint.good('All is well.');
  return `${table(['', '', ''], rows, paint)}\n\n${verdict}`;
}
