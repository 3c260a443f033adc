/**
 * Real clients against the program as it ships: minutes, where plain tests take seconds (docs/conformance.md).
 * @type {import('jest').Config}
 */
export default {
  testEnvironment: 'node',
  rootDir: '../../dist',
  testMatch: ['<rootDir>/test/e2e/**/*.e2e.test.js'],
  transform: {},
  maxWorkers: 2,
  testTimeout: 180_000,
};
