'use strict';

/**
 * The dependency rule, by folder: dependencies point inwards, services meet only on the wire, and each driver is known
 * in one place. Rules are allow-lists where they can be, so that what nobody thought of is forbidden.
 *
 * Each rule has a file under tools/architecture-fixtures that breaks it, and tools/test/architecture.spec.ts expects
 * exactly those violations: a new rule needs a fixture first. Type-only imports count.
 */

const DOMAIN = '^shared-kernel/src/domain/';
/** What an application may know of the kernel: values, contracts, pure engines and ports. */
const PURE_KERNEL = '^shared-kernel/src/(domain|contracts|saga|participant|outbox|store|messaging|time)/';

/** Where a package may be imported. Everywhere else in the sources it may not; tests are free. */
const CONFINED = [
  { packages: 'libsql', to: ['^shared-kernel/src/embedded/', '^[^/]+/src/adapters/out/embedded/'] },
  {
    packages: 'mongodb',
    to: ['^shared-kernel/src/mongodb/', '^shared-kernel/src/testing/', '^[^/]+/src/adapters/out/mongo/', '^infra/src/'],
  },
  { packages: 'kafkajs', to: ['^shared-kernel/src/kafka/', '^infra/src/'] },
  {
    packages: 'express',
    also: 'express-serve-static-core|express-rate-limit|helmet|pino-http',
    to: ['^shared-kernel/src/http/', '^[^/]+/src/adapters/in/http/', '^standalone/src/'],
  },
  {
    packages: 'inversify',
    also: '@inversifyjs',
    to: ['^[^/]+/src/composition-root\\.ts$', '^standalone/src/composition'],
  },
];

const packagePath = (names) => `(^|/)node_modules/(@types/)?(${names})/`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'domain-imports-domain',
      comment: 'A domain knows itself and the kernel’s domain: no clock, no ids, no I/O, no package, no framework.',
      severity: 'error',
      from: { path: '^([^/]+)/src/domain/' },
      to: { pathNot: ['^$1/src/domain/', DOMAIN] },
    },
    {
      name: 'application-imports-domain-and-ports',
      comment:
        'Use cases and sagas know their domain, their ports and the pure kernel. Wiring, drivers and schemas are others’ work.',
      severity: 'error',
      from: { path: '^([^/]+)/src/application/' },
      to: { pathNot: ['^$1/src/(domain|application)/', PURE_KERNEL] },
    },
    {
      name: 'kernel-core-is-pure',
      comment:
        'The engines and ports of the kernel run anywhere: no package, nothing of Node but its hash, no adapter.',
      severity: 'error',
      from: { path: '^shared-kernel/src/(domain|saga|participant|outbox|store|time)/' },
      to: { pathNot: [PURE_KERNEL, '^crypto$'] },
    },
    {
      name: 'kernel-contracts-import-zod-only',
      comment: 'Contracts and messages are pure too, but for the schemas.',
      severity: 'error',
      from: { path: '^shared-kernel/src/(contracts|messaging)/' },
      to: { pathNot: [PURE_KERNEL, packagePath('zod')] },
    },
    {
      name: 'adapters-in-and-out-are-strangers',
      comment: 'What comes in passes through the application before it goes out.',
      severity: 'error',
      from: { path: '^[^/]+/src/adapters/in/' },
      to: { path: '^[^/]+/src/adapters/out/' },
    },
    {
      name: 'adapters-out-and-in-are-strangers',
      comment: 'A store never knows a request, nor a message the way it arrived.',
      severity: 'error',
      from: { path: '^[^/]+/src/adapters/out/' },
      to: { path: '^[^/]+/src/adapters/in/' },
    },
    ...CONFINED.map(({ packages, also, to }) => ({
      name: `${packages}-in-its-place`,
      comment: `${packages} stays replaceable: it is known only in ${to.join(' ')}`,
      severity: 'error',
      from: { path: '^[^/]+/src/', pathNot: to },
      to: { path: packagePath(also ? `${packages}|${also}` : packages) },
    })),
    {
      name: 'services-meet-on-the-wire',
      comment: 'A service imports itself and the kernel. Only standalone and system-tests see several.',
      severity: 'error',
      from: { path: '^([^/]+-service)/' },
      to: { path: '^([^/]+-service|standalone|system-tests|bench)/', pathNot: '^$1/' },
    },
    {
      name: 'kernel-knows-no-service',
      comment: 'The kernel is what services agree on, so it comes before all of them.',
      severity: 'error',
      from: { path: '^shared-kernel/' },
      to: { path: '^([^/]+-service|standalone|system-tests|bench)/' },
    },
    {
      name: 'infra-serves-development-only',
      comment: 'What starts brokers and databases on a developer’s machine is no part of what runs on them.',
      severity: 'error',
      from: { path: '^[^/]+/src/', pathNot: '^(infra|system-tests|bench)/' },
      to: { path: '^infra/' },
    },
    {
      name: 'no-circle',
      comment: 'Whatever is in a circle can only be understood, tested and moved together.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'src-imports-no-test',
      comment:
        'What runs in production does not lean on tests, nor on what only tests use. The simulation is a test that runs as a program.',
      severity: 'error',
      from: { path: '^[^/]+/src/', pathNot: ['^shared-kernel/src/testing/', '^system-tests/src/simulation/'] },
      to: { path: ['^[^/]+/test/', '^shared-kernel/src/testing/', packagePath('jest|@jest|supertest|fast-check')] },
    },
    {
      name: 'src-declares-its-packages',
      comment:
        'A package that a source uses is in the `dependencies` of its own workspace, else it is there by accident.',
      severity: 'error',
      from: { path: '^[^/]+/src/', pathNot: '^shared-kernel/src/testing/' },
      to: { dependencyTypes: ['npm-dev', 'npm-optional', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that cannot be found is one that no other rule can judge.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Type-only imports count, else a domain may name an adapter's types. Both settings are needed for that: left to
    // choose its parser, this tool (for want of TypeScript 7's API) looks at what swc has left after taking the types out,
    // and misses `export type … from`. It never sees `import('./x').X`; the lint rule no-inline-import-types forbids it.
    tsPreCompilationDeps: true,
    parser: 'swc',
    doNotFollow: { path: ['node_modules', '^[^/]+/dist/'] },
    exclude: { path: '^tools/[^/]+-fixtures/' },
    // Workspaces resolve to their sources, as they do for Jest.
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@library/source', 'import', 'require', 'node', 'default'],
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json', '.d.ts'],
    },
  },
};
