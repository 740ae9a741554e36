import { describeParking } from '@library/shared-kernel/testing/parking.contract';
import { Logs } from './logs';

jest.setTimeout(30_000);

describeParking('EmbeddedParking', async () => {
  const logs = new Logs();
  const open = logs.open();
  return {
    ...open,
    restart: async () => {
      await open.log.close();
      return logs.open();
    },
    close: async () => logs.remove(),
  };
});
