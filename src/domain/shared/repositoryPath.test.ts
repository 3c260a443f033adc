import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DomainError } from './errors.js';
import {
  asOfName,
  DEFAULT_NAME_RULES,
  joinRepositoryPath,
  NameInvalid,
  type NameRules,
  NamespaceRequired,
  NestedRepositoriesUnsupported,
  parseRepositoryName,
  parseRepositoryPath,
  RepositoryNameInvalid,
} from './repositoryPath.js';

const rules = (changes: Partial<NameRules>): NameRules => ({ ...DEFAULT_NAME_RULES, ...changes });

describe('repository paths', () => {
  it.each([
    ['org/app', 'org', 'app'],
    ['org/tools/app', 'org', 'tools/app'],
    ['a__b/c--d.e_f', 'a__b', 'c--d.e_f'],
    ['a/b---c', 'a', 'b---c'],
    ['org/manifests/blobs/tags', 'org', 'manifests/blobs/tags'],
    ['busybox', 'library', 'busybox'],
    ['at-20260618t185913z', 'library', 'at-20260618t185913z'],
  ])('%s is in namespace %s, repository %s', (text, namespace, repository) => {
    const { path, moment } = parseRepositoryPath(text);
    expect(path).toEqual({ name: `${namespace}/${repository}`, namespace, repository });
    expect(moment).toBeNull();
  });

  it.each([
    '',
    '/',
    'a/',
    '/a',
    'a//b',
    'A/b',
    'a/B',
    'a/_b',
    'a/b_',
    'a/b___c',
    'a/b..c',
    'a/b._c',
    'a/b-_c',
    'a/-b',
    'a/b-',
    'a/b\n',
    'a/ü',
    'a/b:c',
    'a/b@c',
    'a b/c',
    `a/${'b'.repeat(254)}`,
  ])('%j is no name', (text) => {
    expect(() => parseRepositoryPath(text)).toThrow(NameInvalid);
  });

  it('takes names up to the limit, which a long host shortens', () => {
    const longest = `a/${'b'.repeat(253)}`;
    expect(parseRepositoryPath(longest).path.name).toBe(longest);
    expect(() => parseRepositoryPath('org/app', rules({ maxLength: 6 }))).toThrow('at most 6 characters');
    expect(() => parseRepositoryPath('abcdef', rules({ maxLength: 10 }))).toThrow(NameInvalid);
  });

  it('needs a namespace where there is no library', () => {
    const withoutLibrary = rules({ libraryNamespace: null });
    expect(() => parseRepositoryPath('busybox', withoutLibrary)).toThrow(NamespaceRequired);
    expect(() => parseRepositoryPath('busybox', withoutLibrary)).toThrow('A namespace must be specified explicitly');
  });

  it('refuses nested names while extended names are off', () => {
    const flat = rules({ extendedNames: false });
    expect(parseRepositoryPath('org/app', flat).path.repository).toBe('app');
    expect(() => parseRepositoryPath('org/a/b', flat)).toThrow(NestedRepositoriesUnsupported);
    expect(() => parseRepositoryPath('org/a/b', flat)).toThrow('Nested repositories are not supported. Found: org/a/b');
  });

  it('reads as-of names apart', () => {
    const { path, moment } = parseRepositoryPath('at-20260618t185913z/org/app');
    expect(path.name).toBe('org/app');
    expect(moment).toBe('2026-06-18T18:59:13.000Z');
    expect(parseRepositoryPath('at-20260618t185913z/busybox').path.name).toBe('library/busybox');
  });

  it('gives the name as of a moment the full length', () => {
    const longest = `a/${'b'.repeat(253)}`;
    expect(parseRepositoryPath(`at-20260618t185913z/${longest}`).path.name).toBe(longest);
  });

  it.each([
    'at-20260631t000000z/org/app',
    'at-20260618t185913z/at-20260618t185913z/org/app',
    'at-20260618t185913z/',
    'at-20260618t185913z/Org/app',
  ])('%s is no name', (text) => {
    expect(() => parseRepositoryPath(text)).toThrow(NameInvalid);
  });

  it('prints what it parses', () => {
    const names = fc
      .stringMatching(
        /^[a-z0-9]{1,5}(?:(?:\.|__?|-{1,3})[a-z0-9]{1,5}){0,3}(?:\/[a-z0-9]{1,5}(?:(?:\.|__?|-{1,3})[a-z0-9]{1,5}){0,3}){1,4}$/,
      )
      .filter((name) => name.length <= 255);
    fc.assert(
      fc.property(names, fc.constantFrom('', 'at-20260618t185913z/'), (name, asOf) => {
        const { path, moment } = parseRepositoryPath(asOf + name);
        expect(moment === null ? path.name : asOfName(path, moment)).toBe(asOf + name);
        expect(`${path.namespace}/${path.repository}`).toBe(name);
        expect(parseRepositoryName(path.repository)).toBe(path.repository);
        expect(joinRepositoryPath(path.namespace, path.repository)).toEqual(path);
      }),
    );
  });

  it('answers any text with a path or a domain error, in linear time', () => {
    const near = fc.string({ unit: fc.constantFrom('a', '/', '-', '_', '.', 'at-20260618t185913z/'), maxLength: 400 });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), near), (text) => {
        try {
          expect(parseRepositoryPath(text).path.name.length).toBeGreaterThan(2);
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError);
        }
      }),
    );
  });
});

describe('repository names of the management API', () => {
  it.each(['app', 'a..b', 'app-', 'a/b/c', '0', 'a_'.repeat(127)])('%s is taken', (name) => {
    expect(parseRepositoryName(name)).toBe(name);
  });

  it.each(['', 'App', '.a', '_a', 'a//b', 'a/', '/a', 'a/.b', 'a'.repeat(256), 'a\n'])('%j is refused', (name) => {
    expect(() => parseRepositoryName(name)).toThrow(RepositoryNameInvalid);
    expect(() => parseRepositoryName(name)).toThrow('Invalid repository name');
  });

  it('has one segment while extended names are off', () => {
    expect(parseRepositoryName('a..b', rules({ extendedNames: false }))).toBe('a..b');
    expect(() => parseRepositoryName('a/b', rules({ extendedNames: false }))).toThrow(RepositoryNameInvalid);
  });

  it('refuses a whole name that clients cannot spell', () => {
    const long = parseRepositoryName('a'.repeat(253));
    expect(joinRepositoryPath('o', long).name).toHaveLength(255);
    expect(() => joinRepositoryPath('or', long)).toThrow(NameInvalid);
  });
});
