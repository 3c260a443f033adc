import type { Request } from 'express';
import { ANONYMOUS, type Subject } from '../../domain/access.js';
import type { Identities } from '../../projections/identities.js';
import { Refused } from '../api/framework/problems.js';
import type { Authentication } from '../auth/authentication.js';
import type { Credentials } from '../auth/credentials.js';
import { LoginFailed, LoginLocked } from '../auth/login.js';

export type WhoAsksOptions = {
  readonly authentication: Authentication;
  readonly credentials: Pick<Credentials, 'fromBasic'>;
  readonly identities: Pick<Identities, 'of'>;
};

/** Who asks for a page. Whoever shows nothing that is valid is nobody: he is shown what everybody is. */
export type WhoAsks = (request: Request) => Promise<Subject>;

/** By session or bearer token. */
export const bySession =
  ({ authentication }: Pick<WhoAsksOptions, 'authentication'>): WhoAsks =>
  async (request) => {
    try {
      return (await authentication.of(request.get('authorization'), request.get('cookie'))).subject;
    } catch (error) {
      if (error instanceof Refused) return ANONYMOUS;
      throw error;
    }
  };

/** Also by name and password, for tools that watch the server (contract: conventions §2). */
export const bySessionOrPassword =
  (options: WhoAsksOptions): WhoAsks =>
  async (request) => {
    const header = request.get('authorization') ?? '';
    if (!/^basic /i.test(header)) return bySession(options)(request);
    try {
      const { credential, generation } = await options.credentials.fromBasic(header);
      const identity = await options.identities.of(credential);
      return identity?.generation === generation ? identity.subject : ANONYMOUS;
    } catch (error) {
      if (error instanceof LoginFailed || error instanceof LoginLocked) return ANONYMOUS;
      throw error;
    }
  };
