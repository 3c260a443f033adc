import { hash } from 'node:crypto';

export type AvatarKind = 'user' | 'robot' | 'org' | 'team' | 'app';

/** What clients draw for somebody (contract: conventions §10). */
export type Avatar = {
  readonly name: string;
  /** In hex. With `gravatar` a client asks `//www.gravatar.com/avatar/<hash>` for a picture. */
  readonly hash: string;
  readonly color: string;
  readonly kind: AvatarKind;
};

/** AVATAR_KIND */
export type AvatarStyle = 'local' | 'gravatar';

/**
 * Makes avatars in the way of this instance.
 *
 * @param email the seed of users, robots, organizations and applications; without one, and for teams, it is the name.
 *   An account without an address gives something of its own that never changes (its id), as no two should look alike.
 */
export type AvatarOf = (kind: AvatarKind, name: string, email?: string | null) => Avatar;

export const avatars =
  (style: AvatarStyle): AvatarOf =>
  (kind, name, email) => {
    const seed = email === undefined || email === null || email === '' ? name : email;
    const hashed = hash(style === 'gravatar' ? 'md5' : 'sha256', seed.trim().toLowerCase(), 'hex');
    return { name, hash: hashed, color: colorOf(hashed), kind };
  };

/** The order matters; also served as CHANNEL_COLORS (contract: superuser §12.1). */
export const PALETTE: readonly string[] = [
  ...['#969696', '#aec7e8', '#ff7f0e', '#ffbb78', '#2ca02c', '#98df8a', '#d62728', '#ff9896'],
  ...['#9467bd', '#c5b0d5', '#8c564b', '#c49c94', '#e377c2', '#f7b6d2', '#7f7f7f', '#c7c7c7'],
  ...['#bcbd22', '#1f77b4', '#17becf', '#9edae5', '#393b79', '#5254a3', '#6b6ecf', '#9c9ede'],
  ...['#9ecae1', '#31a354', '#b5cf6b', '#a1d99b', '#8c6d31', '#ad494a', '#e7ba52', '#a55194'],
];

const DIGITS = Math.ceil(Math.log(PALETTE.length) / Math.log(16));

const colorOf = (hashed: string): string => {
  const color = PALETTE[Number.parseInt(hashed.slice(0, DIGITS), 16) % PALETTE.length];
  if (color === undefined) throw new Error('a hash begins with hex digits');
  return color;
};
