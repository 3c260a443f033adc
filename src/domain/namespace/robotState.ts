import type { RobotId } from '../shared/ids.js';
import type { FederatedIdentity, RobotEvent } from './events.js';

export type RobotState = {
  readonly id: RobotId;
  readonly shortName: string;
  /** Of its token. */
  readonly generation: number;
  readonly federation: readonly FederatedIdentity[];
};

/** The robots that a namespace has now: events name them by id, people by what follows the `+`. */
export type Robots = { readonly byId: Map<RobotId, RobotState>; readonly ids: Map<string, RobotId> };

export const noRobots = (): Robots => ({ byId: new Map(), ids: new Map() });

export function robotNamed({ byId, ids }: Robots, shortName: string): RobotState | undefined {
  const id = ids.get(shortName);
  return id === undefined ? undefined : byId.get(id);
}

/** Changes `robots` in place: a namespace may have thousands. */
export function evolveRobots(robots: Robots, event: RobotEvent): void {
  const { robotId: id } = event.data;
  if (event.type === 'RobotCreated') {
    const { shortName } = event.data;
    robots.byId.set(id, { id, shortName, generation: 1, federation: [] });
    robots.ids.set(shortName, id);
    return;
  }
  const robot = robots.byId.get(id);
  if (!robot) return;
  switch (event.type) {
    case 'RobotTokenRegenerated':
      robots.byId.set(id, { ...robot, generation: event.data.generation });
      return;
    case 'RobotFederationSet':
      robots.byId.set(id, { ...robot, federation: event.data.config });
      return;
    case 'RobotDeleted':
      robots.byId.delete(id);
      robots.ids.delete(robot.shortName);
  }
}
