import Type from 'typebox';
import type { MessageMediaType, MessageSeverity } from '../../../domain/registry/message/events.js';
import type { Api } from '../api.js';
import { required } from '../framework/body.js';
import type { UserCaller } from '../framework/call.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { oneOf, text } from '../framework/kinds.js';
import { nested } from '../framework/nested.js';
import { Forbidden, PlainAbort } from '../framework/problems.js';
import { anyone, type Rule } from '../framework/rules.js';
import { superuserRules } from '../superuser/access.js';

const SEVERITIES: readonly MessageSeverity[] = ['info', 'warning', 'error'];
const MEDIA_TYPES: readonly MessageMediaType[] = ['text/plain', 'text/markdown'];

class NewMessage {
  @required(nested({ content: text(), media_type: oneOf(MEDIA_TYPES), severity: oneOf(SEVERITIES) }))
  readonly message!: {
    readonly content: string;
    readonly media_type: MessageMediaType;
    readonly severity: MessageSeverity;
  };
}

const MessageView = Type.Object({
  uuid: Type.String(),
  content: Type.String(),
  severity: Type.Enum(['info', 'warning', 'error']),
  media_type: Type.Enum(['text/plain', 'text/markdown']),
});

/** What everybody is told (contract: superuser §8). */
export function globalMessageEndpoints(api: Api): readonly Endpoint[] {
  const { settings, commands, queries } = api;
  const { administer } = superuserRules(api);

  /** The contract answers these two in plain sentences. */
  const plainly: Rule<UserCaller> = {
    ...administer,
    admit: async (incoming) => {
      if (!settings.isOn('SUPER_USERS')) throw new PlainAbort(404);
      try {
        return await administer.admit(incoming);
      } catch (error) {
        throw error instanceof Forbidden ? new PlainAbort(403) : error;
      }
    },
  };

  return [
    endpoint({
      operation: 'getGlobalMessages',
      method: 'GET',
      path: '/api/v1/messages',
      module: 'globalmessages',
      summary: 'Return a super users messages.',
      access: anyone,
      answers: { 200: Type.Object({ messages: Type.Array(MessageView) }) },
      handle: async () => {
        const messages = (await queries.messages.all()).map(({ id, content, severity, mediaType }) => ({
          ...{ uuid: id, content, severity, media_type: mediaType },
        }));
        return answer(200, { messages });
      },
    }),
    endpoint({
      operation: 'createGlobalMessage',
      method: 'POST',
      path: '/api/v1/messages',
      module: 'globalmessages',
      summary: 'Create a message.',
      scope: 'super:user',
      access: plainly,
      fresh: true,
      body: NewMessage,
      answers: { 201: null },
      handle: async ({ body: { message }, context }) => {
        const { content, severity, media_type: mediaType } = message;
        await commands.messages.publish({ content, severity, mediaType }, context);
        return answer(201, null);
      },
    }),
    endpoint({
      operation: 'deleteGlobalMessage',
      method: 'DELETE',
      path: '/api/v1/message/{uuid}',
      module: 'globalmessages',
      summary: 'Delete a message.',
      scope: 'super:user',
      access: plainly,
      fresh: true,
      answers: { 204: null },
      handle: async ({ path, context }) => {
        await commands.messages.remove(path.uuid, context);
        return answer(204, null);
      },
    }),
  ];
}
