import type { IngestLimits, KeyDirectory, KeyEntry } from '../../../shared/contract/rtmp-server';
import { Lockout } from '../lib/lockout';
import { findKey } from './key-digest';

/** public name of the engine's own program; only its internal key maps to it */
export const programName = 'program';

const longestKey = 200;

/**
 * Who may publish, and as what. The comparison happens here, in the server process, against hashes that the engine hands
 * over: a flood of guesses then costs this process and not the engine, a busy engine delays no publisher, and no key ever
 * travels between the two.
 */
export class Gatekeeper {
  #directory: KeyDirectory;
  readonly #limits: IngestLimits;
  readonly #random: () => number;
  readonly #lockout: Lockout;

  constructor(
    directory: KeyDirectory,
    limits: IngestLimits,
    nowMs: () => number = () => performance.now(),
    random: () => number = Math.random,
  ) {
    this.#directory = directory;
    this.#limits = limits;
    this.#random = random;
    this.#lockout = new Lockout(limits, nowMs);
  }

  set directory(directory: KeyDirectory) {
    this.#directory = directory;
  }

  isKnownName(publicName: string): boolean {
    return this.#directory.keys.some((entry) => entry.publicName === publicName);
  }

  isValid(keyId: string): boolean {
    return this.#directory.keys.some((entry) => entry.id === keyId);
  }

  /** The entry of this key, or null: wrong, or its address is locked out. Wrong keys are held against the address. */
  async admit(key: string, address: string): Promise<KeyEntry | null> {
    if (key.length === 0 || key.length > longestKey) return this.#fail(address);
    // A lock-out must not cut off the engine's own program, which comes from the same loopback address as any guesser:
    // 256 random bits are not guessed, so the program's key alone is still looked at.
    const isLocked = this.isLocked(address);
    const directory = isLocked
      ? { ...this.#directory, keys: this.#directory.keys.filter((entry) => entry.publicName === programName) }
      : this.#directory;
    const entry = await findKey(key, directory);
    // It may have been revoked while it was being compared.
    if (entry && this.isValid(entry.id)) return entry;
    return isLocked ? null : this.#fail(address);
  }

  isLocked(address: string): boolean {
    return this.#lockout.isLocked(address);
  }

  /** how long a refusal is held back, so that its timing tells nothing and guessing is slow */
  refusalDelayMs(): number {
    const { refusalDelayMinMs: min, refusalDelayMaxMs: max } = this.#limits;
    return min + this.#random() * Math.max(0, max - min);
  }

  #fail(address: string): null {
    this.#lockout.fail(address);
    return null;
  }
}
