'use strict';

/** What `npm test` runs: every `*.spec.ts` of the product, none of which needs more than Node. @type {import('jest').Config} */
module.exports = {
  roots: [
    'shared-kernel',
    'rental-service',
    'book-service',
    'member-service',
    'bestbook-service',
    'standalone',
    'infra',
    'system-tests',
    'bench',
  ].map((folder) => `<rootDir>/${folder}`),
  testMatch: ['<rootDir>/*/test/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '\\.int\\.spec\\.ts$'],
  modulePathIgnorePatterns: ['<rootDir>/tools/architecture-fixtures/', '<rootDir>/tools/lint-fixtures/'],

  testEnvironment: 'node',
  testEnvironmentOptions: {
    // Workspaces are loaded from their TypeScript sources, so no test needs a build. Never list `import` or `require`
    // here: Jest adds the right one of them to each lookup.
    customExportConditions: ['@library/source', 'node', 'node-addons'],
  },
  transform: {
    '\\.[cm]?[jt]s$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'commonjs' },
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
      },
    ],
  },
  // inversify is published as ESM only, and Jest runs CommonJS: these two are compiled like our own code.
  transformIgnorePatterns: ['/node_modules/(?!(inversify|@inversifyjs)/)'],

  // V8's own coverage: the default provider misreports compiled classes.
  coverageProvider: 'v8',
  collectCoverageFrom: ['*/src/**/*.ts', '!**/src/testing/**'],

  // Explicit, because what Jest picks by itself differs between terminals, pipes and CI.
  reporters: ['default', '<rootDir>/tools/jest/summary-reporter.js'],
  // More than two cores' worth: many specs wait more than they compute, for a process, a disk, a deadline.
  maxWorkers: 3,
  // On a machine that is busy with other things, a test that commits to disk takes its time; none is meant to take long.
  testTimeout: 30_000,
  // A server that a test forgot to close keeps Jest waiting for ever. At a desk that is worth seeing (--detectOpenHandles
  // names it); in CI it would only be a run without a result.
  forceExit: Boolean(process.env['CI']),
  // One worker that grew too large is replaced, instead of slowing down every spec that follows.
  workerIdleMemoryLimit: '512MB',
};
