import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { writeFileAtomic } from './data-folder';

/** A secret at rest: AES-256-GCM (NIST SP 800-38D), 96-bit nonce, 128-bit tag; all base64. */
export const sealedSchema = z.object({ nonce: z.string(), tag: z.string(), text: z.string() });
export type Sealed = z.infer<typeof sealedSchema>;

const algorithm = 'aes-256-gcm';
export const secretKeyBytes = 32;

/** @throws RangeError when it is none; the text itself is in no message */
export function parseSecretKey(text: string, where: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== secretKeyBytes)
    throw new RangeError(`${where}: expected a key of ${secretKeyBytes} bytes, found ${key.length}`);
  return key;
}

/**
 * Encrypts what must not lie on disk in plain text. The key is a file of its own (0600), made once: whoever copies or
 * backs up the other files alone learns nothing. Where the system's key store holds the key (`secret-key.ts`), it is given.
 */
export class SecretBox {
  readonly #path: string;
  #known: Buffer | null;

  /**
   * @param path the key's file
   * @param key when it lies elsewhere
   */
  constructor(path: string, key: Buffer | null = null) {
    this.#path = path;
    this.#known = key;
  }

  /** @param context bound to the text: it opens only with the same one, so that entries cannot be swapped */
  seal(text: string, context: string): Sealed {
    const nonce = randomBytes(12);
    const cipher = createCipheriv(algorithm, this.#key(), nonce).setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return {
      nonce: nonce.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
      text: sealed.toString('base64'),
    };
  }

  /** @throws Error when the key, the context or the text is another one */
  open(sealed: Sealed, context: string): string {
    const decipher = createDecipheriv(algorithm, this.#readKey(), Buffer.from(sealed.nonce, 'base64'), {
      authTagLength: 16,
    })
      .setAAD(Buffer.from(context))
      .setAuthTag(Buffer.from(sealed.tag, 'base64'));
    return Buffer.concat([decipher.update(Buffer.from(sealed.text, 'base64')), decipher.final()]).toString(
      'utf8',
    );
  }

  /** The key, made when there is none. */
  #key(): Buffer {
    try {
      return this.#readKey();
    } catch (error) {
      // Only a key that never was may be made: a new one in place of an unreadable one would lose every secret.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      const key = randomBytes(secretKeyBytes);
      writeFileAtomic(this.#path, `${key.toString('base64')}\n`);
      return (this.#known = key);
    }
  }

  /** @throws Error when there is no key, or none that can be read */
  #readKey(): Buffer {
    if (this.#known) return this.#known;
    return (this.#known = parseSecretKey(readFileSync(this.#path, 'utf8'), this.#path));
  }
}
