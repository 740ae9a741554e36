'use strict';

const { provideServers } = require('../src/for-tests.ts');

/** Jest's globalSetup: one broker and one MongoDB-wire server for all specs of the run. */
module.exports = async () => {
  globalThis.endServers = await provideServers();
};
