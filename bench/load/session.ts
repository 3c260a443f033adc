/** Signs in as a browser does. @returns the `Cookie` that its requests carry */
export async function signIn(port: number, username: string, password: string): Promise<string> {
  const root = `http://127.0.0.1:${port}`;
  const first = await fetch(`${root}/csrf_token`);
  const answer: unknown = await first.json();
  if (typeof answer !== 'object' || answer === null || !('csrf_token' in answer))
    throw new Error('there is no token against forged requests');
  const signedIn = await fetch(`${root}/api/v1/signin`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-CSRF-Token': String(answer.csrf_token),
      Cookie: cookieOf(first),
    },
    body: JSON.stringify({ username, password }),
  });
  if (signedIn.status !== 200) throw new Error(`${username} cannot sign in: ${await signedIn.text()}`);
  return cookieOf(signedIn);
}

const cookieOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0] ?? '')
    .join('; ');
