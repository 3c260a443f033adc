import { describe, expect, it } from '@jest/globals';
import { parseTagName } from '../shared/reference.js';
import { parseRepositoryPath } from '../shared/repositoryPath.js';
import { checkSchema1Target, ManifestNameMismatch, ManifestTagMismatch } from './schema1Target.js';

const { path } = parseRepositoryPath('org/tools/app');
const { path: library } = parseRepositoryPath('busybox');
const latest = parseTagName('latest');

describe('the target of a schema 1 manifest', () => {
  it('is the repository and the tag that it names', () => {
    checkSchema1Target({ name: 'org/tools/app', tag: 'latest' }, path, latest);
    checkSchema1Target({ name: 'org/tools/app', tag: 'other' }, path, null);
    checkSchema1Target({ name: 'busybox', tag: 'latest' }, library, latest);
    checkSchema1Target({ name: 'library/busybox', tag: 'latest' }, library, latest);
  });

  it.each([
    ['other/tools/app', 'namespace name does not match manifest'],
    ['app', 'namespace name does not match manifest'],
    ['org/app', 'repository name does not match manifest'],
    ['org/', 'repository name does not match manifest'],
  ])('is not that of %s', (name, message) => {
    expect(() => {
      checkSchema1Target({ name, tag: 'latest' }, path, latest);
    }).toThrow(ManifestNameMismatch);
    expect(() => {
      checkSchema1Target({ name, tag: 'latest' }, path, latest);
    }).toThrow(message);
  });

  it('needs a namespace where there is no library', () => {
    expect(() => {
      checkSchema1Target({ name: 'busybox', tag: 'latest' }, library, latest, { libraryNamespace: null });
    }).toThrow(ManifestNameMismatch);
  });

  it('is not another tag', () => {
    expect(() => {
      checkSchema1Target({ name: 'org/tools/app', tag: 'v1' }, path, latest);
    }).toThrow(ManifestTagMismatch);
  });
});
