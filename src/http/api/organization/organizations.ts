import Type from 'typebox';
import type { CommandContext } from '../../../commands/context.js';
import type { DomainError } from '../../../domain/shared/errors.js';
import { parseEmail } from '../../../domain/shared/email.js';
import type { AccountId } from '../../../domain/shared/ids.js';
import { parseNamespaceName } from '../../../domain/shared/namespaceName.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint, type Refusals } from '../framework/endpoint.js';
import { InvalidRequest, Message, NotFound } from '../framework/problems.js';
import { anyone } from '../framework/rules.js';
import { requireHuman } from '../shared/humanity.js';
import { namespaceIdOf } from '../shared/namespaces.js';
import { NewOrganizationBody, OrganizationBody } from './bodies.js';
import { founders } from './rules.js';
import { organizationView, OrganizationView } from './view.js';

const asInvalidRequest = (error: DomainError): InvalidRequest => new InvalidRequest(error.message);

const refusals: Refusals = {
  'email-invalid': () => new InvalidRequest('Invalid email address'),
  'namespace-name-invalid': asInvalidRequest,
  'name-taken': () => new InvalidRequest('A user or organization with this name already exists'),
};

const [module, scope] = ['organization', 'org:admin'] as const;

/** Organizations as a whole (contract: organizations §1). */
export const organizationEndpoints = (api: Api): readonly Endpoint[] => {
  const { rules, queries, commands, settings } = api;

  const create = endpoint({
    ...{ operation: 'createOrganization', method: 'POST', path: '/api/v1/organization/', module, scope: 'user:admin' },
    summary: 'Create a new organization.',
    access: founders(api),
    body: NewOrganizationBody,
    refusals,
    answers: { 201: Type.String() },
    handle: async ({ body, target, context }) => {
      await requireHuman(api, { response: body.recaptcha_response, ip: context.ip, name: target.name });
      const given = body.contact_email ?? body.email ?? '';
      const email = given === '' ? null : parseEmail(given);
      const name = parseNamespaceName(body.name);
      if (email !== null) await refuseUsedEmail(api, email);
      const owner = target.id as AccountId;
      const { timeMachineSeconds } = settings;
      await commands.organizations.create({ name, email, owner, timeMachineSeconds }, context);
      return answer(201, 'Created');
    },
  });

  const show = endpoint({
    ...{ operation: 'getOrganization', method: 'GET', path: '/api/v1/organization/{orgname}', module },
    summary: 'Get the details for the specified organization.',
    access: anyone,
    answers: { 200: OrganizationView },
    handle: async ({ path, subject }) => {
      const namespace = await queries.namespaces.byName(path.orgname);
      if (namespace?.kind !== 'organization') throw new NotFound();
      return answer(200, await organizationView(api, namespace, subject));
    },
  });

  const change = endpoint({
    operation: 'changeOrganizationDetails',
    method: 'PUT',
    path: '/api/v1/organization/{orgname}',
    ...{ module, scope },
    summary: 'Change the details for the specified organization.',
    access: rules.organization('administer'),
    body: OrganizationBody,
    refusals,
    answers: { 200: OrganizationView },
    handle: async ({ body, target, subject, context }) => {
      await changeSettings(api, target, body, context);
      const changed = await queries.namespaces.byId(target.id);
      if (!changed) throw new NotFound();
      return answer(200, await organizationView(api, changed, subject));
    },
  });

  const remove = endpoint({
    operation: 'deleteAdminedOrganization',
    method: 'DELETE',
    path: '/api/v1/organization/{orgname}',
    ...{ module, scope },
    summary: 'Deletes the specified organization.',
    access: rules.organization('administer'),
    fresh: true,
    answers: { 204: null },
    handle: async ({ target, context }) => {
      await commands.organizations.delete(namespaceIdOf(target), context);
      return answer(204, null);
    },
  });

  return [create, show, change, remove];
};

/** Somebody else's address is no organization's, unless it may be shared. Those of organizations are not compared. */
async function refuseUsedEmail({ settings, sealing, queries }: Api, email: string): Promise<void> {
  if (settings.isOn('ORG_SHARED_EMAIL')) return;
  if (await queries.accounts.byEmail(await sealing.lookup('email', email.toLowerCase())))
    throw new InvalidRequest(`Email has already been used: ${email}`);
}

/** Everything is checked before anything is changed. Each setting is a change of its own in the usage log. */
async function changeSettings(
  { settings, commands, portraits, sealing }: Api,
  target: NamespaceDocument,
  body: OrganizationBody,
  context: CommandContext,
): Promise<void> {
  const { namespaces } = commands;
  const [id, contact, window] = [namespaceIdOf(target), contactIn(body), windowIn(settings, body)];
  if (body.invoice_email !== undefined) await namespaces.setInvoiceEmail(id, body.invoice_email, context);
  if (body.invoice_email_address !== undefined) {
    const { invoiceEmailAddress: sealed, invoiceEmailAddressEvent: event } = target;
    const from = sealed && event !== null ? await sealing.open(sealed, `${event}/invoiceEmailAddress`) : null;
    const to = body.invoice_email_address === '' ? null : body.invoice_email_address;
    if (from !== to) await namespaces.setInvoiceEmailAddress(id, to, context);
  }
  if (contact !== undefined)
    await namespaces.setContactEmail(id, { from: await portraits.contactOf(target), to: contact }, context);
  if (window !== undefined) await namespaces.setTimeMachineWindow(id, window, context);
}

function contactIn({ contact_email: contact, email }: OrganizationBody): string | null | undefined {
  const given = contact === undefined ? email : contact;
  if (given === undefined) return undefined;
  return given === null || given === '' ? null : parseEmail(given);
}

function windowIn(
  { isOn, tagExpirationSeconds }: Api['settings'],
  { tag_expiration_s: seconds }: OrganizationBody,
): number | undefined {
  if (seconds === undefined || !isOn('CHANGE_TAG_EXPIRATION')) return undefined;
  if (!tagExpirationSeconds.includes(seconds)) throw new Message(400, 'Invalid tag expiration option');
  return seconds;
}
