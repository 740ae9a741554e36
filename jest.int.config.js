'use strict';

const specs = require('./jest.config.js');

/** What `npm run test:int` runs: every `*.int.spec.ts`, against a real Kafka and MongoDB. @type {import('jest').Config} */
module.exports = {
  ...specs,
  testMatch: ['<rootDir>/*/test/**/*.int.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // One broker and one MongoDB-wire server for the whole run, or those that the environment names.
  globalSetup: '<rootDir>/infra/jest/start-servers.js',
  globalTeardown: '<rootDir>/infra/jest/end-servers.js',
  testTimeout: 60_000,
  // They share one broker and one server, and measure time against them.
  maxWorkers: 1,
};
