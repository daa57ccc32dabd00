import { createRequire } from 'node:module';
import type * as keyringPackage from '@napi-rs/keyring';

/** A place of the operating system for secrets, by account. */
export interface KeyStore {
  get(account: string, signal: AbortSignal): Promise<string | null>;
  set(account: string, secret: string, signal: AbortSignal): Promise<void>;
}

/** under which people find it in their key store */
const service = 'Stream Manager Studio';

type Keyring = typeof keyringPackage;

/**
 * The Keychain, the Credential Manager, or on Linux the Secret Service: never the kernel's own keyring, which forgets at
 * the next start.
 * @returns null where the package has no build for this system
 */
export function systemKeyStore(): KeyStore | null {
  let keyring: Keyring;
  try {
    keyring = createRequire(import.meta.url)('@napi-rs/keyring') as Keyring;
  } catch {
    return null;
  }
  const entry = (account: string): InstanceType<Keyring['AsyncEntry']> =>
    new keyring.AsyncEntry(service, account, { linux: { store: 'secret-service' } });
  return {
    get: (account, signal) => patiently(() => entry(account).getPassword(signal), signal),
    set: (account, secret, signal) => patiently(() => entry(account).setPassword(secret, signal), signal),
  };
}

/** A call that waits for its owner's password cannot be stopped; nobody waits for it beyond the signal. */
function patiently<Answer>(call: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new Error('the key store does not answer'));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    call().then(resolve, (error: unknown) => reject(new Error(`the key store fails: ${String(error)}`)));
  });
}
