import { accepted, section } from '../key.js';
import { list, object, part, preset } from '../types/collections.js';
import { count, flag, nullable, positive, secret, text } from '../types/scalars.js';
import { filledText, webUrl } from '../types/texts.js';

const client = { CLIENT_ID: filledText, CLIENT_SECRET: secret(text) };

const githubTrigger = object({ required: { GITHUB_ENDPOINT: webUrl, ...client }, optional: { API_ENDPOINT: webUrl } });
const gitlabTrigger = object({
  required: client,
  preset: { GITLAB_ENDPOINT: preset(webUrl, 'https://gitlab.com') },
});
const bitbucketTrigger = object({ required: { CONSUMER_KEY: filledText, CONSUMER_SECRET: secret(text) } });

export const notifications = section('Notifications', {
  NOTIFICATION_SEND_TIMEOUT: accepted(positive, 10, 'timeout of a webhook (s)'),
  WEBHOOK_HOSTNAME_BLACKLIST: accepted(list(text), [], 'hosts that webhooks may not reach, beside the built-in ones'),
  FEATURE_USER_EVENTS: accepted(flag, true, 'live events for the web UI'),
  FEATURE_REPOSITORY_ACTION_COUNTER: accepted(flag, true, 'activity of repositories is counted'),
});

export const builds = section('Builds', {
  FEATURE_BUILD_SUPPORT: accepted(flag, true, 'images are built from Dockerfiles'),
  FEATURE_GITHUB_BUILD: accepted(flag, false, 'builds triggered by GitHub'),
  GITHUB_TRIGGER_CONFIG: accepted(githubTrigger, undefined, 'the OAuth application there'),
  FEATURE_GITLAB_BUILD: accepted(flag, false, 'builds triggered by GitLab'),
  GITLAB_TRIGGER_CONFIG: accepted(gitlabTrigger, undefined, 'the OAuth application there'),
  FEATURE_BITBUCKET_BUILD: accepted(flag, false, 'builds triggered by Bitbucket'),
  BITBUCKET_TRIGGER_CONFIG: accepted(bitbucketTrigger, undefined, 'the OAuth consumer there'),
  FEATURE_READER_BUILD_LOGS: accepted(flag, false, 'who may read a repository may read its build logs'),
  DEFAULT_NAMESPACE_MAXIMUM_BUILD_COUNT: accepted(
    nullable(count),
    null,
    'queued builds of a new namespace; null: any number',
  ),
  SUCCESSIVE_TRIGGER_FAILURE_DISABLE_THRESHOLD: accepted(
    nullable(positive),
    100,
    'failed builds in a row that turn a trigger off; null: never',
  ),
  SUCCESSIVE_TRIGGER_INTERNAL_ERROR_DISABLE_THRESHOLD: accepted(
    nullable(positive),
    5,
    'internal errors in a row that turn a trigger off; null: never',
  ),
  BUILD_MANAGER: accepted(part, ['enterprise', {}], 'who builds'),
  BUILDMAN_HOSTNAME: accepted(text, undefined, 'host that builders call; absent: the own host'),
  LOG_ARCHIVE_LOCATION: accepted(text, undefined, 'storage of build logs; absent: the first one'),
  LOG_ARCHIVE_PATH: accepted(text, 'logarchive/', 'where they lie there'),
});
