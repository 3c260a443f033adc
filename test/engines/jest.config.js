/**
 * Adapters against the real engines, started here or named by the environment (test/engines/README.md).
 * @type {import('jest').Config}
 */
export default {
  testEnvironment: 'node',
  rootDir: '../../dist',
  testMatch: ['<rootDir>/test/engines/**/*.engines.test.js'],
  transform: {},
  maxWorkers: 2,
  testTimeout: 120_000,
};
