import { jest } from '@jest/globals';

/** For tests that start servers: a busy machine is no failure. */
jest.setTimeout(120_000);
