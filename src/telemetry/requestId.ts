import { randomBytes } from 'node:crypto';

/**
 * Ids that are unique among all processes: a random beginning of this process and a number that counts up. Not a
 * secret, and nothing to sort by; made without asking the system for randomness each time.
 */
export function requestIds(): () => string {
  const beginning = randomBytes(6).toString('hex');
  let count = 0;
  return () => `${beginning}-${(count++).toString(36)}`;
}
