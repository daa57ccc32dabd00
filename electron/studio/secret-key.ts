import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFileAtomic } from './data-folder';
import type { KeyStore } from './key-store';
import { parseSecretKey, secretKeyBytes } from './secret-box';

/** Where the key of the secret box lies. */
export type SecretPlace = 'file' | 'system';

export interface SettledKey {
  readonly place: SecretPlace;
  /** null: it is in the file, or will be; or the key store does not give it */
  readonly key: Buffer | null;
  /** why the key store was not used, or does not give what it holds; null: nothing is wrong */
  readonly trouble: string | null;
}

/** stands in the key's file once the system's store holds the key, with its account there */
const pointer = 'system-key-store';
const pointerPattern = new RegExp(`^${pointer} (\\S+)$`);

/** a store that asks its owner for a password may take for ever: the studio does not */
const patienceMs = 5000;

/**
 * Finds the key of the secret box before anything is opened with it. Where the system's key store is wanted and works,
 * the key moves there: it is stored, read back, and only then leaves the file. A store that does not answer leaves all
 * as it is.
 * @param path the key's file
 * @param wantsStore the studio runs in somebody's desktop session
 */
export async function settleSecretKey(
  path: string,
  {
    wantsStore,
    store,
    timeoutMs = patienceMs,
  }: { wantsStore: boolean; store: () => KeyStore | null; timeoutMs?: number },
): Promise<SettledKey> {
  const text = readOrNull(path);
  const account = pointerPattern.exec(text ?? '')?.[1];
  try {
    if (account !== undefined) return await fetchKey(account, store(), timeoutMs);
    if (!wantsStore) return { place: 'file', key: null, trouble: null };
    const key = text === null ? randomBytes(secretKeyBytes) : parseSecretKey(text, path);
    const found = store();
    if (!found) return { place: 'file', key: null, trouble: 'this system has no key store' };
    await moveKey(key, path, found, timeoutMs);
    return { place: 'system', key, trouble: null };
  } catch (error) {
    const trouble = error instanceof Error ? error.message : String(error);
    return { place: account === undefined ? 'file' : 'system', key: null, trouble };
  }
}

async function fetchKey(account: string, store: KeyStore | null, timeoutMs: number): Promise<SettledKey> {
  if (!store) throw new Error('the key store that holds the key is not to be reached from here');
  const held = await store.get(account, AbortSignal.timeout(timeoutMs));
  if (held === null) throw new Error('the key store does not hold the key any more');
  return { place: 'system', key: parseSecretKey(held, 'the key store'), trouble: null };
}

async function moveKey(key: Buffer, path: string, store: KeyStore, timeoutMs: number): Promise<void> {
  const account = randomBytes(8).toString('hex');
  const text = key.toString('base64');
  const signal = AbortSignal.timeout(timeoutMs);
  await store.set(account, text, signal);
  if ((await store.get(account, signal)) !== text)
    throw new Error('the key store does not give back what it was given');
  writeFileAtomic(path, `${pointer} ${account}\n`);
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    // It is there and cannot be read: whoever opens something with it will say so.
    return '';
  }
}
