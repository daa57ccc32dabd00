// @ts-check
import { spawn } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';
import { BootstrapError, say } from './say.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, link?: boolean }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lockfile
 */

/**
 * What the lock file asks for and npm's own record of the last install does not hold. Optional packages may be absent
 * (another platform, a refused download) but not in another version.
 * @param {Lockfile} wanted package-lock.json
 * @param {Lockfile} installed node_modules/.package-lock.json, which npm writes at the end of each install
 * @returns {string[]} package paths
 */
export function missingPackages(wanted, installed) {
  return Object.entries(wanted.packages ?? {})
    .filter(([path, entry]) => {
      if (path === '' || entry.link) return false;
      const found = installed.packages?.[path];
      if (!found) return !entry.optional && !entry.devOptional;
      return found.version !== entry.version || found.integrity !== entry.integrity;
    })
    .map(([path]) => path);
}

/** @param {string} path @returns {Lockfile | undefined} */
function readLockfile(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

export function isInstallNeeded(folder = root) {
  try {
    // A link to another install is looked after by whoever made the link.
    if (lstatSync(join(folder, 'node_modules')).isSymbolicLink()) return false;
  } catch {
    return true;
  }
  const wanted = readLockfile(join(folder, 'package-lock.json'));
  const installed = readLockfile(join(folder, 'node_modules', '.package-lock.json'));
  return !wanted || !installed || missingPackages(wanted, installed).length > 0;
}

const unreachable =
  /\b(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED)\b/;

/**
 * npm's output → one sentence with the remedy.
 * @param {string} output
 * @param {string} exit e.g. `exit 1`
 */
export function describeInstallFailure(output, exit) {
  const code = unreachable.exec(output)?.[1];
  if (code) {
    return `The packages could not be installed because the package registry cannot be reached (${code}). Connect to the network, or set npm's proxy or registry, and run the command again.`;
  }
  if (/\bENOSPC\b/.test(output))
    return 'The packages could not be installed because the disk is full. Free about 1 GB and run the command again.';
  if (/\b(EACCES|EPERM|EROFS)\b/.test(output))
    return 'The packages could not be installed because this folder cannot be written. Change its permissions or clone into a folder of your own, and run the command again.';
  const reason = /^npm (?:error|ERR!) (?!code)(.+)$/m.exec(output)?.[1] ?? 'npm gave no reason';
  return `The packages could not be installed (npm ci, ${exit}: ${reason}). Run "npm ci" to see its whole output.`;
}

/** npm itself as [command, args]: the one that runs us, else the one on PATH. @returns {[string, string[], boolean]} */
function npmCommand() {
  const script = process.env['npm_execpath'];
  if (script && /npm-cli\.c?js$/.test(script)) return [process.execPath, [script], false];
  // npm is a .cmd file on Windows, which only a shell can start.
  return process.platform === 'win32' ? ['npm.cmd', [], true] : ['npm', [], false];
}

/** `npm ci`, quietly. @throws {BootstrapError} with one sentence */
export async function install() {
  say('Installing the packages (first start; about a minute)…');
  const [command, args, shell] = npmCommand();
  // loglevel error: Electron's packages ask for a newer Node than they need here, and npm warns of it at length.
  const quiet = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--no-update-notifier'];
  let output = '';
  const exit = await new Promise((resolve) => {
    const child = spawn(command, [...args, ...quiet], {
      cwd: root,
      shell,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NODE_ENV: '' },
    });
    child.stderr.setEncoding('utf8').on('data', (text) => (output = (output + text).slice(-20_000)));
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? '' : signal ? `signal ${signal}` : `exit ${code}`),
    );
  });
  if (exit) throw new BootstrapError(describeInstallFailure(output, exit));
}
