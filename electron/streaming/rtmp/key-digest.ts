import { createHash, scrypt, timingSafeEqual } from 'node:crypto';
import type { KeyDirectory, KeyEntry } from '../../../shared/contract/rtmp-server';

const digestBytes = 32;
/** about 30 ms and 16 MB: dear enough against guessing a stolen file, cheap enough for a reconnect */
const scryptCost = { N: 2 ** 14, r: 8, p: 1 };

export type DigestScheme = KeyEntry['scheme'];

/**
 * base64 of 32 bytes. A key of 256 random bits cannot be guessed, so a plain hash hides it; a key that a person chose can,
 * so it gets a slow one, worked out off the main thread.
 */
export async function digestKey(key: string, scheme: DigestScheme, salt: string): Promise<string> {
  const digest = scheme === 'sha256' ? sha256(key) : await slowDigest(key, salt);
  return digest.toString('base64');
}

/**
 * The entry whose key this is, or null. Every entry is compared, each in constant time, so that the time taken tells
 * nothing about which one was close.
 */
export async function findKey(key: string, directory: KeyDirectory): Promise<KeyEntry | null> {
  const strong = match(sha256(key), 'sha256', directory);
  if (strong || !directory.keys.some((entry) => entry.scheme === 'scrypt')) return strong;
  return match(await slowDigest(key, directory.salt), 'scrypt', directory);
}

const sha256 = (key: string): Buffer => createHash('sha256').update(key, 'utf8').digest();

function slowDigest(key: string, salt: string): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    scrypt(key, salt, digestBytes, scryptCost, (error, bytes) => (error ? reject(error) : resolve(bytes))),
  );
}

function match(digest: Buffer, scheme: DigestScheme, directory: KeyDirectory): KeyEntry | null {
  let found: KeyEntry | null = null;
  for (const entry of directory.keys) {
    if (entry.scheme !== scheme) continue;
    const expected = Buffer.from(entry.digest, 'base64');
    if (expected.length === digest.length && timingSafeEqual(expected, digest)) found = entry;
  }
  return found;
}
