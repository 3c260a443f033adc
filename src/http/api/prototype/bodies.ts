import type { Role } from '../../../domain/repository/events.js';
import { optional, required } from '../framework/body.js';
import { oneOf, text } from '../framework/kinds.js';
import { nested } from '../framework/nested.js';

const role = oneOf(['read', 'write', 'admin']);

export class NewPrototypeBody {
  @required(role) readonly role!: Role;
  @required(nested({ name: text(), kind: oneOf(['user', 'team']) }))
  readonly delegate!: { readonly name: string; readonly kind: 'user' | 'team' };
  @optional(nested({ name: text() })) readonly activating_user?: { readonly name: string };
}

export class PrototypeRoleBody {
  @required(role) readonly role!: Role;
}
