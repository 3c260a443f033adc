import { optional, required } from '../framework/body.js';
import { flag, integer, nullable, text } from '../framework/kinds.js';

export class NewOrganizationBody {
  @required(text()) readonly name!: string;
  @optional(text()) readonly email?: string;
  /** Counts where both are there. */
  @optional(text()) readonly contact_email?: string;
  @optional(text()) readonly recaptcha_response?: string;
}

export class OrganizationBody {
  @optional(text()) readonly email?: string;
  /** Counts where both are there. */
  @optional(nullable(text())) readonly contact_email?: string | null;
  @optional(flag()) readonly invoice_email?: boolean;
  @optional(nullable(text({ max: 254 }))) readonly invoice_email_address?: string | null;
  /** In seconds. */
  @optional(integer({ min: 0 })) readonly tag_expiration_s?: number;
}
