import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('oidcProgram.js', import.meta.url));

/** What is to be said in a token, and how it is signed. */
export type TokenWish = {
  /** Beside `iss`, `iat` and `exp`, which may be said otherwise; undefined leaves one out. */
  readonly claims?: { readonly [claim: string]: string | number | null };
  /** `none`, a shared secret, or a key that the issuer does not publish. */
  readonly signature?: 'published' | 'unpublished' | 'shared-secret' | 'none';
};

/** A small OpenID Connect issuer, as a process of its own on loopback. */
export class OidcIssuer {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  static async start(): Promise<OidcIssuer> {
    const child = fork(PROGRAM);
    const [port] = (await once(child, 'message')) as [number];
    return new OidcIssuer(child, port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async token(subject: string, wish: TokenWish = {}): Promise<string> {
    const asked = await fetch(`${this.url}/sign`, { method: 'POST', body: JSON.stringify({ subject, ...wish }) });
    return asked.text();
  }

  /** From now on it signs with another key, and publishes that one alone. */
  async rotate(): Promise<void> {
    await fetch(`${this.url}/rotate`, { method: 'POST' });
  }

  /** What it was asked for so far. */
  async asked(): Promise<readonly string[]> {
    return (await (await fetch(`${this.url}/asked`)).json()) as string[];
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill();
    await once(this.child, 'exit');
  }
}
