import type { Digest } from '../../domain/shared/digest.js';
import type { Damage } from '../contentRecords.js';

/** The two installations are not what they must be; the message is one line for who asked. */
export class MigrationRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MigrationRefused';
  }
}

/** Why a content cannot be copied: its bytes are others than its digest says, or are not there. */
export type DamagedContent = { readonly digest: Digest; readonly reason: Damage };

const NAMED = 5;

/** Contents of the source cannot be copied. */
export class ContentsDamaged extends Error {
  constructor(readonly damaged: readonly DamagedContent[]) {
    const named = damaged.slice(0, NAMED).map(({ digest, reason }) => `${digest} (${reason})`);
    const more = damaged.length > NAMED ? ` and ${damaged.length - NAMED} more` : '';
    super(
      `${damaged.length} of the source's contents cannot be copied: ${named.join(', ')}${more}. ` +
        'Put their bytes back from a backup and call `tidemark contents verify` for the source, or leave them behind ' +
        'with --leave-damaged and push them to the copy with `skopeo copy`',
    );
    this.name = 'ContentsDamaged';
  }
}
