'use strict';

/** Jest's globalTeardown. */
module.exports = async () => {
  await globalThis.endServers?.();
};
