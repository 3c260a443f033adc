/**
 * What docker-compose.yml and the Dockerfile say, done without Docker (docs/decisions/0045-image-and-compose.md).
 * @type {import('jest').Config}
 */
export default {
  testEnvironment: 'node',
  rootDir: '../../dist',
  testMatch: ['<rootDir>/test/deploy/**/*.deploy.test.js'],
  transform: {},
  maxWorkers: 1,
  testTimeout: 180_000,
};
