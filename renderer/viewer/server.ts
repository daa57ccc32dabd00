/** What the studio says to this viewer. */
export type Answer =
  | { readonly kind: 'welcome' }
  | { readonly kind: 'password' }
  /** a wrong one, or too many of them: `waitSec` until the next may be tried */
  | { readonly kind: 'locked'; readonly waitSec: number }
  /** the program is not there yet, or too many watch */
  | { readonly kind: 'later'; readonly reason: string }
  /** it comes in a form that this page cannot show */
  | { readonly kind: 'unplayable'; readonly reason: string }
  | { readonly kind: 'offline' };

const patienceMs = 8000;

/** May we watch, and is there something? */
export const askStatus = (): Promise<Answer> => ask('status', {});

/** @param password as typed; on the way it is as safe as the network is */
export const logIn = (password: string): Promise<Answer> =>
  ask('login', { method: 'POST', body: new URLSearchParams({ password }) });

async function ask(path: string, init: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(path, {
      ...init,
      cache: 'no-store',
      signal: AbortSignal.timeout(patienceMs),
    });
    if (response.ok) return { kind: 'welcome' };
    if (response.status === 401) return { kind: 'password' };
    const waitSec = Number(response.headers.get('Retry-After') ?? 1);
    if (response.status === 429) return { kind: 'locked', waitSec };
    const reason = await response.text();
    return { kind: response.status === 406 ? 'unplayable' : 'later', reason };
  } catch {
    return { kind: 'offline' };
  }
}
