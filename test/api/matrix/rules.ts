import { WHO, type Who } from './who.js';

/** What somebody is answered: the endpoint's own success, or a status. */
export type Expected = 'ok' | number;
export type Rule = { readonly [who in Who]: Expected };

/** A row of words in the order of `WHO`. */
function rule(words: string): Rule {
  const row = words.split(' ').filter(Boolean);
  if (row.length !== WHO.length) throw new Error(`a rule has ${row.length} columns, not ${WHO.length}`);
  const entries = WHO.map((who, column) => [who, row[column] === 'ok' ? 'ok' : Number(row[column])]);
  return Object.fromEntries(entries) as Rule;
}

/**
 * The rules of the contract (conventions §5 and §6, and the tables of each sheet) for a reading request.
 *
 *                            anonymous stranger member reader writer admin owner robot token superuser forged
 */
export const ANYONE = rule('      ok       ok    ok     ok     ok     ok    ok   ok    ok      ok       ok');
export const SIGNED_IN = rule('  401      ok    ok     ok     ok     ok    ok  401    ok      ok       ok');
export const USER_READ = SIGNED_IN;
export const USER_ADMIN = rule(' 401      ok    ok     ok     ok     ok    ok  401   403      ok       ok');
export const ORG_MEMBER = rule(' 401     403    ok    403    403    403    ok  401   403     403       ok');
export const ORG_ADMIN = rule('  401     403   403    403    403    403    ok  401   403     403       ok');
export const REPO_READ = rule('  401     403    ok     ok     ok     ok    ok  401   403     403       ok');
export const REPO_WRITE = rule(' 401     403   403    403     ok     ok    ok  401   403     403       ok');
export const REPO_ADMIN = rule(' 401     403   403    403    403     ok    ok  401   403     403       ok');
export const SUPERUSER = rule('  401     403   403    403    403    403   403  401   403      ok      403');

/**
 * The same for a request that changes something: without a bearer token, it must prove that it is the session's own, and
 * that is looked at before anything else (conventions §3).
 */
export const changing = (reading: Rule): Rule => ({ ...reading, robot: 403, forged: 403 });
