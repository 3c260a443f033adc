import { accepted, section, used } from '../key.js';
import { list, mapping, object } from '../types/collections.js';
import { anything, choice, count, flag, positive, secret, text, textWhere } from '../types/scalars.js';
import { webUrl } from '../types/texts.js';

const contact = textWhere('a mailto:, irc:, tel:, http: or https: address', (given) =>
  /^(?:mailto|irc|tel|https?):./.test(given),
);

const branding = object({
  required: { logo: text },
  optional: { logo_dark: text, footer_img: text, footer_url: text },
});

const footerLinks = object({
  optional: {
    TERMS_OF_SERVICE_URL: webUrl,
    PRIVACY_POLICY_URL: webUrl,
    SECURITY_URL: webUrl,
    ABOUT_URL: webUrl,
  },
});

export const ui = section('Web UI', {
  REGISTRY_TITLE: used(text, 'Project Quay', 'title'),
  REGISTRY_TITLE_SHORT: used(text, 'Project Quay', 'short title, also of mails'),
  BRANDING: used(branding, undefined, 'logos; absent: built-in ones'),
  ENTERPRISE_LOGO_URL: used(text, undefined, 'logo, before `BRANDING.logo`'),
  ENTERPRISE_LOGO_URL_DARK: used(text, undefined, 'logo on dark ground, before `BRANDING.logo_dark`'),
  CONTACT_INFO: used(list(contact), [], 'addresses of the contact page'),
  FOOTER_LINKS: used(footerLinks, {}, 'links at the end of pages'),
  AVATAR_KIND: used(choice('local', 'gravatar'), 'local', 'pictures of users'),
  DOCUMENTATION_ROOT: used(text, undefined, 'where help links lead; absent: `/api-docs` of this server'),
  DEFAULT_UI: used(choice('react', 'angular'), 'react', 'which UI is shown first'),
  FEATURE_UI_V2: accepted(flag, true, 'the new UI'),
  DISABLE_ANGULAR_UI: used(flag, false, 'no old UI'),
  UI_V2_FEEDBACK_FORM: used(text, undefined, 'link to a form'),
  FEATURE_UI_MODELCARD: used(flag, true, 'tab for model cards'),
  UI_MODELCARD_ARTIFACT_TYPE: used(text, 'application/x-mlmodel', 'artifacts that have one'),
  UI_MODELCARD_ANNOTATION: used(mapping(text), {}, 'annotations of those artifacts'),
  UI_MODELCARD_LAYER_ANNOTATION: used(
    mapping(text),
    { 'org.opencontainers.image.title': 'README.md' },
    'annotations of the layer that is shown',
  ),
  FEATURE_UI_DELAY_AFTER_WRITE: accepted(flag, false, 'the UI waits after a write; not needed here'),
  UI_DELAY_AFTER_WRITE_SECONDS: accepted(count, 3, 'how long (s)'),
  SEARCH_RESULTS_PER_PAGE: used(positive, 10, 'search results of a page'),
  SEARCH_MAX_RESULT_PAGE_COUNT: used(positive, 10, 'pages of search results'),
});

export const hosted = section('Keys of the hosted service and of old configurations', {
  FEATURE_BILLING: accepted(flag, false, 'billing'),
  FEATURE_EXPORT_COMPLIANCE: accepted(flag, false, 'checks of export rules'),
  FEATURE_ENTITLEMENT_RECONCILIATION: accepted(flag, false, 'subscriptions'),
  FEATURE_RH_MARKETPLACE: accepted(flag, false, 'subscriptions'),
  FEATURE_CLEAR_EXPIRED_RAC_ENTRIES: accepted(flag, false, 'cleanup of a cache'),
  BILLING_TYPE: accepted(text, undefined, 'billing'),
  EXPORT_COMPLIANCE_ENDPOINT: accepted(text, undefined, 'checks of export rules'),
  THREAT_NAMESPACE_MAXIMUM_BUILD_COUNT: accepted(count, undefined, 'builds of suspicious namespaces'),
  BILLED_NAMESPACE_MAXIMUM_BUILD_COUNT: accepted(count, undefined, 'builds of paying namespaces'),
  IP_DATA_API_KEY: accepted(secret(text), undefined, 'whereabouts of addresses'),
  ANALYTICS_TYPE: accepted(text, undefined, 'analytics'),
  MIXPANEL_KEY: accepted(text, undefined, 'analytics'),
  SECURITY_SCANNER_ENDPOINT: accepted(anything, undefined, 'older scanner'),
  SECURITY_SCANNER_V4_NAMESPACE_WHITELIST: accepted(anything, undefined, 'older scanner'),
  CREATE_REPOSITORY_ON_PUSH_PUBLIC: accepted(anything, undefined, 'see `CREATE_PRIVATE_REPO_ON_PUSH`'),
  FEATURE_ACI_CONVERSION: accepted(flag, undefined, 'older image format'),
  V1_ONLY_DOMAIN: accepted(anything, undefined, 'host of the v1 protocol'),
  V3_UPGRADE_MODE: accepted(anything, undefined, 'data migration of Quay'),
  USE_CDN: accepted(anything, undefined, "assets of Quay's UI"),
});
