import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { PasswordRecord } from '../../../shared/contract/lan-preview';

const digestBytes = 32;
/** What OWASP's password storage cheat sheet asks of scrypt, in the form that needs least memory: 32 MiB, some 0.2 s. */
const cost = { cost: 2 ** 15, blockSize: 8, parallelization: 3 } as const;

/** The only form in which a password is kept. */
export async function recordPassword(password: string): Promise<PasswordRecord> {
  const salt = randomBytes(16).toString('base64');
  const unfinished = { scheme: 'scrypt' as const, ...cost, salt };
  return { ...unfinished, digest: (await digest(password, unfinished)).toString('base64') };
}

/** Compares in constant time, after the work that the record asks for. */
export async function isPassword(password: string, record: PasswordRecord): Promise<boolean> {
  const expected = Buffer.from(record.digest, 'base64');
  const found = await digest(password, record);
  return expected.length === found.length && timingSafeEqual(expected, found);
}

function digest(
  password: string,
  { cost: N, blockSize: r, parallelization: p, salt }: Omit<PasswordRecord, 'digest'>,
): Promise<Buffer> {
  // Keyboards and players write é in two ways.
  const text = password.normalize('NFC');
  // Node's own limit leaves no room beyond the 32 MiB (128 · N · r) themselves.
  const limits = { N, r, p, maxmem: 128 * N * r + 16 * 2 ** 20 };
  return new Promise((resolve, reject) =>
    scrypt(text, Buffer.from(salt, 'base64'), digestBytes, limits, (error, bytes) =>
      error ? reject(error) : resolve(bytes),
    ),
  );
}
