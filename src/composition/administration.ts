import type { ContentsReport } from '../commands/verifyContents.js';
import type { LaneState } from '../ports/documentStore.js';
import type { Position } from '../domain/shared/ids.js';

/** How far a long piece of work is; of read models in positions of the log, which not every engine counts in events. */
export type Progressed = (done: number, total: number) => void;

export type NewUser = {
  readonly name: string;
  readonly email: string | null;
  readonly password: string;
  readonly superuser: boolean;
};

export type ProjectionStates = { readonly end: Position; readonly lanes: readonly LaneState[] };

/** What read models have that a rebuild from the log does not, or the other way round. */
export type ProjectionVerdict = {
  readonly projection: string;
  readonly documents: number;
  readonly differences: readonly string[];
};

/**
 * What the command line does to a registry: the same whether it goes through the socket of the process that owns the
 * stores or opens them itself because nobody does.
 *
 * A signal ends long work early, with its reason, where this process does it itself. Who asks another process over its
 * socket ends it by going away.
 */
export interface Administration {
  /** @throws DomainError for a name that is taken or invalid */
  createUser(user: NewUser): Promise<{ readonly accountId: string }>;
  projectionStates(): Promise<ProjectionStates>;
  /**
   * Builds a read model anew beside the present one and puts it in its place; null: all of them.
   *
   * @returns the log's end up to which it was built: how many events that are, only some engines know
   */
  rebuild(
    projection: string | null,
    progressed: Progressed,
    signal?: AbortSignal,
  ): Promise<{ readonly position: Position }>;
  /** Builds each read model anew and compares it with the present one, document for document. */
  verifyProjections(progressed: Progressed, signal?: AbortSignal): Promise<readonly ProjectionVerdict[]>;
  /**
   * Reads and hashes all that is stored, and marks what is damaged. Progress is in bytes.
   *
   * @throws Error while another verification runs in the process that would do it
   */
  verifyContents(progressed: Progressed, signal?: AbortSignal): Promise<ContentsReport>;
}

export const projectionUnknown = (name: string, known: readonly string[]): Error =>
  new Error(`no projection is called ${name}; there are ${known.join(', ')}`);
