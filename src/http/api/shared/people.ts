import { robotName } from '../../../domain/namespace/robots.js';
import type { Member } from '../../../domain/organization/team/events.js';
import { memberKey } from '../../../domain/organization/team/state.js';
import type { AccountDocument } from '../../../projections/accounts.js';
import type { Queries } from '../../../projections/queries.js';
import type { RobotDocument } from '../../../projections/robots.js';
import type { Avatar } from './avatars.js';
import type { Portraits } from './portraits.js';

/** A user or a robot as answers show him. */
export type Person = {
  readonly member: Member;
  readonly name: string;
  readonly isRobot: boolean;
  readonly avatar: Avatar;
  /** Where a robot lives. */
  readonly namespaceId: string | null;
};

/** Users and robots by their ids and by their names; who is gone is not there. */
export class People {
  constructor(
    private readonly queries: Pick<Queries, 'accounts' | 'robots' | 'namespaces'>,
    private readonly portraits: Portraits,
  ) {}

  /** @param keys `user:<id>` or `robot:<id>`; in their order */
  async known(keys: Iterable<string>): Promise<ReadonlyMap<string, Person>> {
    const wanted = [...new Set(keys)];
    const users = await this.queries.accounts.byIds(idsOf(wanted, 'user:'));
    const robots = await this.queries.robots.byIds(idsOf(wanted, 'robot:'));
    const found = new Map<string, Person>();
    for (const account of users) if (account) found.set(`user:${account.id}`, await this.#user(account));
    for (const person of await this.#robots(robots.filter((robot) => robot !== undefined)))
      found.set(memberKey(person.member), person);
    return new Map(
      wanted.flatMap((key) => {
        const person = found.get(key);
        return person ? [[key, person] as const] : [];
      }),
    );
  }

  /** A user by his name, a robot by `<namespace>+<short name>`. */
  async named(name: string): Promise<Person | undefined> {
    const plus = name.indexOf('+');
    if (plus < 0) {
      const account = await this.queries.accounts.byName(name);
      return account && this.#user(account);
    }
    const namespace = await this.queries.namespaces.byName(name.slice(0, plus));
    const robot = namespace && (await this.queries.robots.byName(namespace.id, name.slice(plus + 1)));
    return robot && (await this.#robots([robot]))[0];
  }

  async #user(account: AccountDocument): Promise<Person> {
    const { id, name } = account;
    const avatar = await this.portraits.user(account);
    return { member: { kind: 'user', id }, name, isRobot: false, avatar, namespaceId: null };
  }

  async #robots(robots: readonly RobotDocument[]): Promise<Person[]> {
    const namespaces = await this.queries.namespaces.byIds(robots.map(({ namespaceId }) => namespaceId));
    return robots.flatMap(({ id, namespaceId, shortName }, index): Person[] => {
      const namespace = namespaces[index];
      if (!namespace) return [];
      const name = robotName(namespace.name, shortName);
      const avatar = this.portraits.robot({ id, name });
      return [{ member: { kind: 'robot', id }, name, isRobot: true, avatar, namespaceId }];
    });
  }
}

const idsOf = (keys: readonly string[], prefix: string): string[] =>
  keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
