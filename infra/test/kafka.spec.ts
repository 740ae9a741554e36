import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka } from '@library/infra/kafka';
import { TcpProxy } from '@library/infra/tcp-proxy';

describe('a cluster behind proxies', () => {
  it('leaves none of them open when one cannot be opened', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kafka-spec-'));
    const first = { close: jest.fn().mockResolvedValue(undefined) };
    const open = jest.spyOn(TcpProxy, 'to');
    open.mockResolvedValueOnce(first as unknown as TcpProxy).mockRejectedValueOnce(new Error('taken'));

    await expect(Kafka.start({ folder, brokers: 3, proxied: true })).rejects.toThrow('taken');
    expect(first.close).toHaveBeenCalledTimes(1);
    rmSync(folder, { recursive: true });
  });
});
