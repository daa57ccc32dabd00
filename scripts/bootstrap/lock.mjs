// @ts-check
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A process id may be given to another program after a crash: nothing here takes this long. */
const staleAfterMs = 15 * 60_000;

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** @param {string} path */
function isStale(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    // An empty file is one whose owner is just about to write its id.
    if (!pid) return Date.now() - statSync(path).mtimeMs > 5000;
    return !isAlive(pid) || Date.now() - statSync(path).mtimeMs > staleAfterMs;
  } catch {
    return false;
  }
}

/**
 * Moves a dead owner's lock away. Two waiters may try at once, and the slower one would move the winner's fresh lock:
 * it looks at what it moved and puts a living one back.
 * @param {string} path
 */
function removeStale(path) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    if (!isStale(aside)) linkSync(aside, path);
  } catch {
    // Another waiter was faster.
  }
  rmSync(aside, { force: true });
}

/**
 * Installing and building happen once at a time, however many starts there are.
 * @template Result
 * @param {string} path the lock file; it holds its owner's process id
 * @param {() => Promise<Result>} work
 * @param {{ onWait?: () => void, pollMs?: number }} [options] `onWait` is called once when somebody else holds the lock
 * @returns {Promise<Result>}
 */
export async function withLock(path, work, { onWait, pollMs = 200 } = {}) {
  mkdirSync(dirname(path), { recursive: true });
  for (let attempt = 0; ; attempt += 1) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    if (isStale(path)) {
      removeStale(path);
      continue;
    }
    if (attempt === 0) onWait?.();
    await delay(pollMs);
  }
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}
