/**
 * Jest runs what `tsc` built: the tests exercise the very files that ship, worker threads included,
 * and no second compiler stands between a test and the code (docs/decisions/0002-tests-run-the-build.md).
 * @type {import('jest').Config}
 */
export default {
  testEnvironment: 'node',
  rootDir: 'dist',
  testMatch: ['<rootDir>/src/**/*.test.js', '<rootDir>/test/**/*.test.js'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/e2e/',
    '<rootDir>/test/crash/',
    '<rootDir>/test/engines/',
    '<rootDir>/test/cluster/',
    '[.]deploy[.]test[.]js$',
  ],
  transform: {},
  maxWorkers: 2,
  testTimeout: 120_000,
};
