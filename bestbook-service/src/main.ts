import { runService } from '@library/shared-kernel/distributed/run-service';
import { bestBookProgram } from './program';

/** The bestbook service as a process of its own. */
void runService(bestBookProgram, process.env);
