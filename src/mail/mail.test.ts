import { describe, expect, it } from '@jest/globals';
import type { MailContent } from '../ports/mailer.js';
import {
  emailChange,
  emailChanged,
  passwordChanged,
  recovery,
  recoveryOfOrganizations,
  signUpConfirmation,
} from './account.js';
import { teamInvitation } from './invitation.js';
import type { Site } from './letter.js';
import { logExport } from './logExport.js';
import { addressVerification } from './repository.js';

const site: Site = { title: 'Harbour', root: 'https://quay.example.com' };
/** As the contract makes them: base64 has characters that mean something in a query. */
const code = 'cHVi+Onb/y2V0==';
const inQuery = 'code=cHVi%2BOnb%2Fy2V0%3D%3D';
const who = { username: 'jane', code };
const export_ = { exportId: 'e1', of: 'buynlarge/orgrepo' };

/** What the contract tells of each mail: subject, and where its link leads (contract: conventions §12). */
const mails: readonly [string, (site: Site) => MailContent, string, string | null, readonly string[]][] = [
  [
    'sign-up confirmation',
    (at) => signUpConfirmation(at, who),
    'Please confirm your e-mail address',
    `/confirm?${inQuery}`,
    ['jane'],
  ],
  ['e-mail change', (at) => emailChange(at, who), 'E-mail address change requested', `/confirm?${inQuery}`, ['jane']],
  [
    'e-mail changed',
    (at) => emailChanged(at, { username: 'jane', newEmail: 'new@example.com' }),
    'Account e-mail address changed',
    null,
    ['jane', 'new@example.com'],
  ],
  ['password changed', (at) => passwordChanged(at, { username: 'jane' }), 'Account password changed', null, ['jane']],
  ['recovery', (at) => recovery(at, who), 'Account recovery', `/recovery?${inQuery}`, ['jane']],
  [
    'recovery with organizations',
    (at) => recoveryOfOrganizations(at, { organizations: [{ name: 'org', admins: ['ann', 'bob'] }], account: who }),
    'Account recovery',
    `/recovery?${inQuery}`,
    ['org: ann, bob', 'https://quay.example.com/signin/'],
  ],
  [
    'recovery with organizations alone',
    (at) => recoveryOfOrganizations(at, { organizations: [{ name: 'org', admins: ['ann'] }], account: null }),
    'Account recovery',
    '/signin/',
    ['org: ann'],
  ],
  [
    'team invite',
    (at) => teamInvitation(at, { organization: 'buynlarge', team: 'readers', inviter: 'devtable', code }),
    'Invitation to join team',
    `/confirminvite?${inQuery}`,
    ['buynlarge', 'readers', 'devtable'],
  ],
  [
    'repository notification address',
    (at) => addressVerification(at, { namespace: 'buynlarge', repository: 'orgrepo', code }),
    'Please verify your e-mail address for repository buynlarge/orgrepo',
    `/authrepoemail?${inQuery}`,
    ['buynlarge/orgrepo'],
  ],
  [
    'log export',
    (at) => logExport(at, { ...export_, url: 'https://quay.example.com/exportedlogs/1' }),
    'Export Action Logs Complete',
    '/exportedlogs/1',
    ['buynlarge/orgrepo', 'e1'],
  ],
  ['failed log export', (at) => logExport(at, { ...export_, url: null }), 'Export Action Logs Complete', null, ['e1']],
];

describe.each(mails)('the mail: %s', (_name, mail, subject, link, said) => {
  it('has the registry before its subject', () => {
    expect(mail(site).subject).toBe(`[Harbour] ${subject}`);
  });

  it('says what it has to say in both parts, with whole addresses as links', () => {
    const { text, html } = mail(site);
    const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, href]) => href);
    if (link === null) expect(links).toEqual([site.root]);
    else {
      expect(links).toContain(`${site.root}${link}`);
      expect(text.split('\n')).toContain(`${site.root}${link}`);
    }
    for (const part of said) {
      expect(text).toContain(part);
      expect(html).toContain(part);
    }
  });
});

describe('what people chose', () => {
  const hostile = `<img src=x onerror="alert('1')">&\r\nBcc: eve@example.com`;
  const content = teamInvitation(
    { title: hostile, root: site.root },
    { organization: hostile, team: hostile, inviter: hostile, code: hostile },
  );

  it('is text and nothing else in HTML', () => {
    expect(content.html).not.toMatch(/<img|onerror="|&(?!(?:amp|lt|gt|quot|#39);)/);
    expect(content.html).toContain('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp; Bcc:');
  });

  it('begins no line of its own, neither in the subject nor in the text', () => {
    expect(content.subject).not.toMatch(/[\r\n]/);
    expect(content.text).not.toMatch(/^Bcc:/m);
    expect(content.text).not.toContain('\r');
  });
});
