import { parentPort, workerData } from 'node:worker_threads';
import { runShare } from './crew';
import type { Share } from './crew';

// What a thread of a crew does.
void runShare(workerData as Share, (run) => parentPort!.postMessage(run, []));
