/**
 * The crash test: minutes, two registries at a time (`npm run test:crash`).
 * @type {import('jest').Config}
 */
export default {
  testEnvironment: 'node',
  rootDir: 'dist',
  testMatch: ['<rootDir>/test/crash/**/*.crash.test.js'],
  transform: {},
  maxWorkers: 2,
};
