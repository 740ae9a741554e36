import { runService } from '@library/shared-kernel/distributed/run-service';
import { bookProgram } from './program';

/** The book service as a process of its own. */
void runService(bookProgram, process.env);
