import { LibraryProcesses } from '@library/infra/library-processes';
import { throwAway } from '@library/infra/whereabouts';
import type { Whereabouts } from '@library/infra/whereabouts';
import { OverHttp } from './over-http';
import { newWhereabouts } from './on-servers';

/** Four processes behind one origin, on the servers of this run: as whoever runs it in earnest meets it. */
export class ProcessesUnderTest extends OverHttp {
  private constructor(
    readonly whereabouts: Required<Whereabouts>,
    readonly processes: LibraryProcesses,
  ) {
    super();
  }

  static async start(): Promise<ProcessesUnderTest> {
    const whereabouts = newWhereabouts();
    return new ProcessesUnderTest(whereabouts, await LibraryProcesses.start(whereabouts));
  }

  /** The services know their own paths; who asks need not know where each of them is. */
  port(): number {
    return Number(new URL(this.processes.origin).port);
  }

  /** Rejects when one of them did not end as it should. */
  async stop(): Promise<void> {
    const complaints = await this.processes.stop();
    await throwAway(this.whereabouts);
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
  }
}
