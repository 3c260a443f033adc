import Type, { type Static } from 'typebox';
import type { JsonObject } from '../../../domain/shared/json.js';
import type { ServiceKeyApproval, ServiceKeyDocument } from '../../../projections/serviceKeys.js';
import type { Api } from '../api.js';
import { httpDate } from '../shared/dates.js';
import { SuperuserUserView, superuserUserView } from './views.js';

const Members = Type.Unsafe<JsonObject>({ type: 'object', additionalProperties: true });
const Nullable = { text: Type.Union([Type.String(), Type.Null()]), integer: Type.Union([Type.Integer(), Type.Null()]) };

const ApprovalView = Type.Object({
  approver: Type.Union([SuperuserUserView, Type.Null()]),
  approval_type: Type.Enum(['Super User API', 'Key Rotation', 'Automatic']),
  approved_date: Type.String(),
  notes: Type.String(),
});

/** Contract: superuser §5. */
export const ServiceKeyView = Type.Object({
  name: Type.String(),
  kid: Type.String(),
  service: Type.String(),
  jwk: Members,
  metadata: Members,
  created_date: Type.String(),
  expiration_date: Nullable.text,
  rotation_duration: Nullable.integer,
  approval: Type.Union([ApprovalView, Type.Null()]),
});

export const MadeServiceKeyView = Type.Object({
  kid: Type.String(),
  name: Type.String(),
  service: Type.String(),
  public_key: Type.String(),
  private_key: Type.String(),
});

type ViewOf = Pick<Api, 'queries' | 'identities' | 'portraits' | 'settings' | 'sealing'>;

/** The address that it came from stands among the notes, until who came from there is erased. */
export async function serviceKeyView(key: ServiceKeyDocument, api: ViewOf): Promise<Static<typeof ServiceKeyView>> {
  const ip = key.ip && (await api.sealing.open(key.ip, `${key.ipEvent}/ip`));
  return {
    ...{ name: key.name, kid: key.kid, service: key.service, jwk: key.jwk },
    metadata: { ...key.metadata, ...(ip === null ? {} : { ip }) },
    created_date: httpDate(key.created),
    expiration_date: httpDate(key.expires),
    rotation_duration: key.rotationSeconds,
    approval: key.approval && (await approvalView(key.approval, api)),
  };
}

async function approvalView(
  { type, approver, approved, notes }: ServiceKeyApproval,
  api: ViewOf,
): Promise<Static<typeof ApprovalView>> {
  const account = approver === null ? undefined : await api.queries.accounts.byId(approver);
  return {
    approver: account ? await superuserUserView(account, api) : null,
    approval_type: type,
    approved_date: httpDate(approved),
    notes,
  };
}
