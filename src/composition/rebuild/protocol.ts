import type { Position } from '../../domain/shared/ids.js';

/** What the rebuild thread is to do. */
export type RebuildTask = {
  readonly projection: string;
  /** Of `log.sqlite`, read beside the thread that writes it. */
  readonly logPath: string;
  /** Of the lane's own file, which nobody else has open. */
  readonly lanePath: string;
  /** As far as it goes; what comes later is fed when it is handed over. */
  readonly until: Position;
};

export type RebuildMessage = { readonly kind: 'progress'; readonly position: Position } | { readonly kind: 'done' };
