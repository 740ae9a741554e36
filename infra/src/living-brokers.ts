import { connect } from 'node:net';

const METADATA = 3;
const VERSION = 1;
const TIMEOUT_MS = 2_000;

/**
 * The ids of the brokers that the broker at this address holds to be alive; itself among them once it takes part. Rejects
 * when it does not answer. A client library would ask whichever broker it likes; this asks the one it is told to.
 */
export function livingBrokers(host: string, port: number): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let received = Buffer.alloc(0);
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`No answer from ${host}:${port}`)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`${host}:${port} closed the connection`)));
    socket.once('connect', () => socket.write(request()));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return;
      resolve(brokerIds(received));
      socket.destroy();
    });
  });
}

/** Size, key, version, correlation id, no client id, no topics. */
function request(): Buffer {
  const bytes = Buffer.alloc(18);
  bytes.writeInt32BE(14, 0);
  bytes.writeInt16BE(METADATA, 4);
  bytes.writeInt16BE(VERSION, 6);
  bytes.writeInt32BE(1, 8);
  bytes.writeInt16BE(-1, 12);
  bytes.writeInt32BE(0, 14);
  return bytes;
}

/** Size, correlation id, brokers (id, host, port, rack), and more. A text is its length and its bytes; -1 is none. */
function brokerIds(answer: Buffer): readonly number[] {
  const ids: number[] = [];
  let at = 12;
  const skipText = () => (at += 2 + Math.max(0, answer.readInt16BE(at)));
  for (let left = answer.readInt32BE(8); left > 0; left--) {
    ids.push(answer.readInt32BE(at));
    at += 4;
    skipText();
    at += 4;
    skipText();
  }
  return ids;
}
