import { runService } from '@library/shared-kernel/distributed/run-service';
import { memberProgram } from './program';

/** The member service as a process of its own. */
void runService(memberProgram, process.env);
