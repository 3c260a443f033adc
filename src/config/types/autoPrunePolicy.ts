import { parseDuration, type Duration } from '../../domain/shared/duration.js';
import { object, preset } from './collections.js';
import { isRead, REFUSED } from './place.js';
import { choice, either, flag, positive, text } from './scalars.js';
import { fromJson, type ValueType } from './valueType.js';

export type AutoPrunePolicy = {
  readonly tagPattern: string | undefined;
  /** false: the policy is about the tags that the pattern does not fit. */
  readonly tagPatternMatches: boolean;
} & (
  | { readonly method: 'number_of_tags'; readonly value: number }
  | { readonly method: 'creation_date'; readonly value: Duration }
);

const members = object({
  required: { method: choice('number_of_tags', 'creation_date'), value: either(positive, text) },
  optional: { tag_pattern: text },
  preset: { tag_pattern_matches: preset(flag, true) },
});

/** `{method, value, tag_pattern?, tag_pattern_matches?}`, as the API takes it too. */
export const autoPrunePolicy: ValueType<AutoPrunePolicy> = {
  name: 'mapping',
  allowed: 'a mapping with method and value',
  secret: false,
  fromText: fromJson,
  parse(given, place) {
    const policy = members.parse(given, place);
    if (!isRead(policy)) return REFUSED;
    const tags = { tagPattern: policy.tag_pattern, tagPatternMatches: policy.tag_pattern_matches };
    const at = place.member('value');
    if (policy.method === 'number_of_tags') {
      const value = positive.parse(policy.value, at);
      return isRead(value) ? { ...tags, method: policy.method, value } : REFUSED;
    }
    const age = typeof policy.value === 'string' ? parseDuration(policy.value) : undefined;
    if (age === undefined || age.seconds === 0) return at.refuse(policy.value, 'an age such as 12h, 7d or 2w');
    return { ...tags, method: policy.method, value: age };
  },
};
