import type { ApiAnswer, ApiClient } from '../../support/apiClient.js';
import type { Answer, Repository, RequestOptions } from '../../support/v2client.js';

/** No request may take longer, whatever is away: neither client nor registry waits for ever. */
const BOUND_MILLISECONDS = 60_000;

/** What was asked in one stretch of time, and how it was answered. */
export class Tally {
  answered = 0;
  /** What was answered with a well-formed 503, with its text. */
  readonly refusals: string[] = [];
  slowestMilliseconds = 0;
  /** Answers that no client should see, and requests without one. */
  readonly objections: string[] = [];
}

/** Asks at the raw protocols, and holds every answer against what clients may see while an engine is away. */
export class Asking {
  tally = new Tally();

  /** Begins to count anew. @returns what was counted */
  turn(): Tally {
    const { tally } = this;
    this.tally = new Tally();
    return tally;
  }

  /** @returns an answer of an expected status; undefined after any other, which is counted */
  async v2(
    repository: Repository,
    [method, path]: readonly [method: string, path: string],
    expected: readonly number[],
    options: RequestOptions = {},
  ): Promise<Answer | undefined> {
    const what = `${method} ${repository.name} ${path}`;
    return this.#judged(what, expected, () => repository.send(method, path, options), refusalOfV2);
  }

  async api(
    client: ApiClient,
    [method, path]: readonly [method: string, path: string],
    expected: readonly number[],
    body?: object,
  ): Promise<ApiAnswer | undefined> {
    const send = (): Promise<ApiAnswer> => client.send(method, path, body === undefined ? {} : { body });
    return this.#judged(`${method} ${path}`, expected, send, refusalOfApi);
  }

  async #judged<Result extends { readonly status: number; readonly text: string }>(
    what: string,
    expected: readonly number[],
    send: () => Promise<Result>,
    wrongWith: (answer: Result) => string | undefined,
  ): Promise<Result | undefined> {
    const { tally } = this;
    const started = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer within ${BOUND_MILLISECONDS / 1000} s`));
      }, BOUND_MILLISECONDS);
    });
    try {
      const answer = await Promise.race([send(), late]);
      tally.answered += 1;
      tally.slowestMilliseconds = Math.max(tally.slowestMilliseconds, performance.now() - started);
      if (expected.includes(answer.status)) return answer;
      const wrong = answer.status === 503 ? wrongWith(answer) : `expected ${expected.join(' or ')}`;
      const said = answer.text.slice(0, 300);
      if (wrong === undefined) tally.refusals.push(`${what}: ${said}`);
      else tally.objections.push(`${what}: ${wrong}: ${answer.status} ${said}`);
    } catch (error) {
      tally.objections.push(`${what}: after ${Math.round(performance.now() - started)} ms: ${String(error)}`);
    } finally {
      clearTimeout(timer);
    }
    return undefined;
  }
}

const isWhen = (header: string | undefined | null): boolean => /^[1-9]\d*$/.test(header ?? '');

function refusalOfV2(answer: Answer): string | undefined {
  if (!isWhen(answer.header('retry-after'))) return 'does not say when to come again';
  if (answer.header('content-type') !== 'application/json') return 'is not JSON';
  const [error, ...more] = answer.errors;
  return error?.code === 'UNAVAILABLE' && error.message !== '' && more.length === 0 ? undefined : 'has another body';
}

function refusalOfApi({ headers, body }: ApiAnswer): string | undefined {
  if (!isWhen(headers.get('retry-after'))) return 'does not say when to come again';
  const isMessage = typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string';
  return isMessage ? undefined : 'has another body';
}
