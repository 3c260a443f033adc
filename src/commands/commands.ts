import type { AppTokenCommands } from './appTokens.js';
import type { ChoiceCommands } from './choices.js';
import type { ProfileCommands } from './profiles.js';
import type { AccountCommands } from './accounts.js';
import type { ApplicationCommands } from './applications.js';
import type { AuthorizationCodes } from './authorizations.js';
import type { NamespaceCommands } from './namespaces.js';
import type { DefaultPermissionCommands } from './defaultPermissions.js';
import type { OrganizationCommands } from './organizations.js';
import type { TeamCommands } from './teams.js';
import type { PermissionCommands } from './permissions.js';
import type { RobotCommands } from './robots.js';
import type { PushManifestHandler } from './pushManifest.js';
import type { RepositoryCommands } from './repositories.js';
import type { TagCommands } from './tags.js';

/** What may be asked for. */
export type Commands = {
  readonly accounts: AccountCommands;
  readonly profiles: ProfileCommands;
  readonly appTokens: AppTokenCommands;
  readonly choices: ChoiceCommands;
  readonly applications: ApplicationCommands;
  readonly authorizationCodes: AuthorizationCodes;
  readonly namespaces: NamespaceCommands;
  readonly organizations: OrganizationCommands;
  readonly teams: TeamCommands;
  readonly defaultPermissions: DefaultPermissionCommands;
  readonly repositories: RepositoryCommands;
  readonly permissions: PermissionCommands;
  readonly robots: RobotCommands;
  readonly tags: TagCommands;
  readonly pushManifest: PushManifestHandler;
};
