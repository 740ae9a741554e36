import { runService } from '@library/shared-kernel/distributed/run-service';
import { rentalProgram } from './program';

/** The rental service as a process of its own. */
void runService(rentalProgram, process.env);
