/**
 * The registry as many processes on real engines, driven by real clients (test/cluster/README.md).
 * @type {import('jest').Config}
 */
export default {
  testEnvironment: 'node',
  rootDir: '../../dist',
  testMatch: ['<rootDir>/test/cluster/**/*.cluster.test.js'],
  transform: {},
  maxWorkers: 1,
  testTimeout: 180_000,
};
