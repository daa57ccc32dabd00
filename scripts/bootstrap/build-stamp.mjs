// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { root } from './root.mjs';

/** everything that the output depends on */
const inputs = [
  'electron',
  'renderer',
  'shared',
  'scripts/build.mjs',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

/** what must be there for a build to count as one */
const outputs = ['launcher.js'];

/** @param {string} path @returns {string[]} the files below, or the file itself */
function filesOf(path) {
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [path];
  }
}

/** A hash over names and contents: a fresh checkout changes every time stamp, and an edit may keep its size. */
export function hashSources(folder = root) {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0] ?? '');
  const files = inputs.flatMap((input) => filesOf(join(folder, input)));
  for (const file of files.sort()) {
    const content = readFileSync(file);
    hash.update(`${relative(folder, file).replaceAll(sep, '/')}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

const stampPath = (/** @type {string} */ folder) => join(folder, 'out', '.build.json');

export function isBuildNeeded(folder = root) {
  if (outputs.some((name) => !existsSync(join(folder, 'out', name)))) return true;
  try {
    return JSON.parse(readFileSync(stampPath(folder), 'utf8')).sources !== hashSources(folder);
  } catch {
    return true;
  }
}

/** Before a build: a build that fails half-way must not look like one. */
export function clearStamp(folder = root) {
  rmSync(stampPath(folder), { force: true });
}

/** @param {string} sources the hash taken before the build: an edit during the build asks for another one */
export function writeStamp(sources, folder = root) {
  mkdirSync(join(folder, 'out'), { recursive: true });
  writeFileSync(stampPath(folder), `${JSON.stringify({ sources, builtAt: new Date().toISOString() })}\n`);
}
