import type { Damage } from '../commands/contentRecords.js';
import type { ContentDamage } from '../commands/damagedContents.js';
import type { Log } from '../telemetry/log.js';

/** Many clients ask for a manifest first, hear that it is there, and send nothing: with those, a push mends nothing. */
const DAMAGED =
  'the bytes of a stored content are damaged, so it counts as not there: push an image that has it again, with ' +
  '`skopeo copy`, or with any client under a new tag or into another repository; or put its bytes back from a backup';

const MESSAGES: Readonly<Record<Damage, string>> = {
  missing: `${DAMAGED}, where they are found by themselves`,
  altered: `${DAMAGED} and call \`tidemark contents verify\``,
};

/** Whoever keeps the registry learns of each content that is damaged, once, and what there is to do. */
export const damageTold =
  (log: Pick<Log, 'error'>) =>
  (content: ContentDamage): void => {
    log.error(content, MESSAGES[content.damage]);
  };
