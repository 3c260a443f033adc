import { parseCheckpoint } from '../domain/registry/checkpoint.js';
import { verifyingKey } from '../domain/registry/signing.js';
import { LogVerifier, type Verification } from '../domain/registry/verification/logVerifier.js';
import type { RecordedEvent } from '../domain/shared/envelope.js';
import { ExportUnreadable } from './readExport.js';

export type VerifyOptions = {
  /** A checkpoint that was kept apart from the log, as `checkpointText` spells it: a log that ends before it is found. */
  readonly checkpoint?: string;
  /** A public key (PEM) that was kept apart from the log: only what it, or a key that it announced, signed counts. */
  readonly trustedKey?: string;
};

/**
 * Proves a log, or names the first event that was altered, removed, reordered or inserted.
 *
 * @param events the whole log from its first event on: `readLog` of a store, `readExport` of a file
 * @throws CheckpointInvalid, SigningKeyInvalid for options that are not what they must be; what reading the events throws
 */
export async function verifyLog(
  events: AsyncIterable<RecordedEvent>,
  options: VerifyOptions = {},
): Promise<Verification> {
  const verifier = new LogVerifier({
    checkpoint: options.checkpoint === undefined ? undefined : parseCheckpoint(options.checkpoint),
    keyId: options.trustedKey === undefined ? undefined : verifyingKey(options.trustedKey).keyId,
  });
  try {
    for await (const event of events) if (!verifier.take(event)) break;
  } catch (error) {
    if (!(error instanceof ExportUnreadable)) throw error;
    verifier.fail(error.toProblem());
  }
  return verifier.finish();
}
