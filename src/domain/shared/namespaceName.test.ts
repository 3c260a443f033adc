import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NamespaceNameInvalid, parseNamespaceName, parseRobotShortName, parseTeamName } from './namespaceName.js';

const FORM = 'must match expression ^([a-z0-9]+(?:[._-][a-z0-9]+)*)$';
const LENGTH = 'must be between 2 and 255 characters in length';

describe('namespace names', () => {
  it.each(['ab', 'org', 'my-org', 'a.b_c-d', '42', 'a'.repeat(255), 'at-20260618'])('%s is taken', (name) => {
    expect(parseNamespaceName(name)).toBe(name);
    expect(parseRobotShortName(name)).toBe(name);
    expect(parseTeamName(name)).toBe(name);
  });

  it.each([
    ['', FORM],
    ['Org', FORM],
    ['a__b', FORM],
    ['a--b', FORM],
    ['-a', FORM],
    ['a-', FORM],
    ['a b', FORM],
    ['ab\n', FORM],
    ['ä1', FORM],
    ['a/b', FORM],
    ['a', LENGTH],
    ['a'.repeat(256), LENGTH],
  ])('%j is refused because it %s', (name, rule) => {
    expect(() => parseNamespaceName(name)).toThrow(`: Namespace ${rule}`);
    expect(() => parseRobotShortName(name)).toThrow(`: Namespace ${rule}`);
    expect(() => parseTeamName(name)).toThrow(rule);
  });

  it('words the refusal as the contract does', () => {
    expect(() => parseNamespaceName('A!')).toThrow(new NamespaceNameInvalid(`Invalid namespace A!: Namespace ${FORM}`));
    expect(() => parseNamespaceName('A!', 'username')).toThrow(`Invalid username A!: Namespace ${FORM}`);
    expect(() => parseRobotShortName('A!')).toThrow(`The name for the robot 'A!' is invalid: Namespace ${FORM}`);
    expect(() => parseTeamName('A!')).toThrow(`Invalid team name A!: Namespace ${FORM}`);
    expect(() => parseTeamName('a')).toThrow(`Invalid team name a: Team ${LENGTH}`);
  });

  it('reserves names that stand for a moment, also for moments that do not exist', () => {
    expect(() => parseNamespaceName('at-20260618t185913z')).toThrow(NamespaceNameInvalid);
    expect(() => parseNamespaceName('at-99999999t999999z')).toThrow('reserved');
    expect(parseRobotShortName('at-20260618t185913z')).toBe('at-20260618t185913z');
  });

  it('answers any text with a name or a refusal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          expect(parseNamespaceName(text)).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(NamespaceNameInvalid);
        }
      }),
    );
  });
});
