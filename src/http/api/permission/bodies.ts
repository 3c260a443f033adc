import type { Role } from '../../../domain/repository/events.js';
import { required } from '../framework/body.js';
import { oneOf } from '../framework/kinds.js';

export class RoleBody {
  @required(oneOf(['read', 'write', 'admin'])) readonly role!: Role;
}
