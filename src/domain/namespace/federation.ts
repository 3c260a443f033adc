import { DomainError } from '../shared/errors.js';
import type { FederatedIdentity } from './events.js';

/** A federation that no robot can have; the message is the contract's (contract: accounts §7). */
export class FederationInvalid extends DomainError {
  readonly code = 'federation-invalid';
}

/** As many as an event holds with ease. */
const MOST_IDENTITIES = 100;
const LONGEST = 512;

/**
 * Who a robot shall trust, in the order given; whatever else an entry says is dropped.
 *
 * @throws FederationInvalid
 */
export function parseFederation(config: readonly FederatedIdentity[]): readonly FederatedIdentity[] {
  if (config.length > MOST_IDENTITIES) throw new FederationInvalid(`At most ${MOST_IDENTITIES} entries are possible`);
  const seen = new Set<string>();
  return config.map(({ issuer, subject }) => {
    if (issuer === '' || subject === '')
      throw new FederationInvalid('Missing one or more required fields (issuer, subject)');
    if (!isHttpUrl(issuer)) throw new FederationInvalid('Issuer must be a URL (http:// or https://)');
    if (issuer.length > LONGEST || subject.length > LONGEST)
      throw new FederationInvalid(`Issuer and subject must be at most ${LONGEST} characters in length`);
    const key = JSON.stringify([issuer, subject]);
    if (seen.has(key)) throw new FederationInvalid('Duplicate federation config entry');
    seen.add(key);
    return { issuer, subject };
  });
}

const isHttpUrl = (text: string): boolean => /^https?:\/\//.test(text) && URL.canParse(text);
