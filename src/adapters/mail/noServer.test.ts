import { describe, expect, it } from '@jest/globals';
import { createLog } from '../../telemetry/log.js';
import type { Opened } from '../contractFixture.js';
import { mailerContract, sampleMail, type MailerUnderTest } from './contract.js';
import { NoMailServer } from './noServer.js';

function open(): Promise<Opened<MailerUnderTest>> {
  const lines: string[] = [];
  const log = createLog({ level: 'info', human: false, destination: { write: (line) => void lines.push(line) } });
  const subjects = (): readonly string[] => lines.map((line) => (JSON.parse(line) as { subject: string }).subject);
  const store: MailerUnderTest = {
    mailer: new NoMailServer(log),
    subjects: () => Promise.resolve(subjects()),
    logged: () => lines.join(''),
  };
  return Promise.resolve({ store, reopen: () => Promise.resolve(store), close: () => Promise.resolve() });
}

describe('without a mail server', () => {
  mailerContract(open);

  it('says that there is none, so that nobody begins what needs one', async () => {
    const opened = await open();
    expect(opened.store.mailer.configured).toBe(false);
    await opened.store.mailer.send(sampleMail());
    expect(opened.store.logged()).toContain('there is no mail server');
  });
});
