import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashSources, isBuildNeeded, writeStamp } from '../../scripts/bootstrap/build-stamp.mjs';
import {
  describeInstallFailure,
  isInstallNeeded,
  missingPackages,
} from '../../scripts/bootstrap/install.mjs';
import { withLock } from '../../scripts/bootstrap/lock.mjs';
import { isSupportedNode } from '../../scripts/bootstrap/node-version.mjs';
import { summarise } from '../../scripts/testing/summary.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'studio-bootstrap-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('isSupportedNode', () => {
  it.each([
    ['18.20.4', false],
    ['20.18.3', false],
    ['20.19.0', true],
    ['v20.20.2', true],
    ['21.7.3', false],
    ['22.11.0', false],
    ['22.12.0', true],
    ['24.0.0', true],
  ])('%s: %s', (version, isSupported) => {
    expect(isSupportedNode(version)).toBe(isSupported);
  });
});

describe('what is installed', () => {
  const wanted = {
    packages: {
      '': { version: '0.1.0' },
      'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
      'node_modules/b': { version: '2.0.0', integrity: 'sha512-b', optional: true },
    },
  };
  const a = wanted.packages['node_modules/a'];
  it.each([
    ['everything there', { 'node_modules/a': a, 'node_modules/b': wanted.packages['node_modules/b'] }, []],
    ['an optional package left out', { 'node_modules/a': a }, []],
    ['another version', { 'node_modules/a': { ...a, version: '1.0.1' } }, ['node_modules/a']],
    ['another content', { 'node_modules/a': { ...a, integrity: 'sha512-x' } }, ['node_modules/a']],
    [
      'an old optional package',
      { 'node_modules/a': a, 'node_modules/b': { version: '1.9.0', integrity: 'sha512-o' } },
      ['node_modules/b'],
    ],
    ['nothing', {}, ['node_modules/a']],
  ])('%s', (_name, packages, missing) => {
    expect(missingPackages(wanted, { packages })).toEqual(missing);
  });

  it('is asked of npm’s own record, and a linked node_modules is left alone', () => {
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(wanted));
    expect(isInstallNeeded(folder)).toBe(true);
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'node_modules'));
    expect(isInstallNeeded(folder)).toBe(false);
    rmSync(join(folder, 'node_modules'));
    mkdirSync(join(folder, 'node_modules'));
    expect(isInstallNeeded(folder)).toBe(true);
    const record = { packages: { 'node_modules/a': a } };
    writeFileSync(join(folder, 'node_modules', '.package-lock.json'), JSON.stringify(record));
    expect(isInstallNeeded(folder)).toBe(false);
  });

  it.each([
    ['npm error code ENOTFOUND\nnpm error syscall getaddrinfo', 'cannot be reached (ENOTFOUND)'],
    ['npm error code ENOSPC', 'disk is full'],
    ['npm error code EACCES', 'cannot be written'],
    ['npm error code EUSAGE\nnpm error the lock does not fit', 'npm ci, exit 1: the lock does not fit'],
    ['', 'npm gave no reason'],
  ])('a failure is one sentence: %j', (output, part) => {
    const sentence = describeInstallFailure(output, 'exit 1');
    expect(sentence).toContain(part);
    expect(sentence).not.toContain('\n');
  });
});

describe('the build stamp', () => {
  beforeEach(() => {
    mkdirSync(join(folder, 'electron'));
    mkdirSync(join(folder, 'out'));
    writeFileSync(join(folder, 'electron', 'engine.ts'), 'export const a = 1;');
    writeFileSync(join(folder, 'out', 'launcher.js'), '');
    writeStamp(hashSources(folder), folder);
  });
  it('holds while nothing changed, time stamps aside', () => {
    utimesSync(join(folder, 'electron', 'engine.ts'), 1, 1);
    expect(isBuildNeeded(folder)).toBe(false);
  });
  it('notices an edit of the same size', () => {
    writeFileSync(join(folder, 'electron', 'engine.ts'), 'export const a = 2;');
    expect(isBuildNeeded(folder)).toBe(true);
  });
  it('notices a new file', () => {
    writeFileSync(join(folder, 'electron', 'main.ts'), '');
    expect(isBuildNeeded(folder)).toBe(true);
  });
  it('notices that the output is gone', () => {
    rmSync(join(folder, 'out', 'launcher.js'));
    expect(isBuildNeeded(folder)).toBe(true);
  });
});

describe('the lock', () => {
  it('lets one in at a time', async () => {
    const path = join(folder, '.cache', 'lock');
    let inside = 0;
    let most = 0;
    let waits = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    const onWait = (): void => void (waits += 1);
    await Promise.all([1, 2, 3].map(() => withLock(path, work, { onWait, pollMs: 5 })));
    expect(most).toBe(1);
    expect(waits).toBeGreaterThan(0);
    expect(existsSync(path)).toBe(false);
  });

  it('takes a dead owner’s place', async () => {
    const path = join(folder, 'lock');
    // Above any pid_max, so nobody's.
    writeFileSync(path, '99999999');
    await withLock(path, async () => {
      expect(readFileSync(path, 'utf8')).toBe(String(process.pid));
      return Promise.resolve();
    });
  });

  it('is free again after a failure', async () => {
    const path = join(folder, 'lock');
    await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(withLock(path, () => Promise.resolve('yes'))).resolves.toBe('yes');
  });
});

describe('the summary of a test run', () => {
  const file = (name: string, ...statuses: string[]) => ({
    name,
    status: statuses.includes('failed') ? 'failed' : 'passed',
    assertionResults: statuses.map((status, index) => ({ status, fullName: `test ${index}` })),
  });
  const elsewhere = { exitCode: 0, isSkipFailure: false };

  it('adds up', () => {
    const report = { testResults: [file('a', 'passed', 'passed'), file('b', 'failed', 'passed')] };
    const summary = summarise(report, { ...elsewhere, exitCode: 1 });
    expect(summary).toMatchObject({ passed: 3, failed: 1, isGreen: false, problems: [] });
  });
  it('counts a file that could not be loaded', () => {
    const broken = { name: 'b', status: 'failed', message: 'cannot find x\nstack', assertionResults: [] };
    const summary = summarise({ testResults: [file('a', 'passed'), broken] }, { ...elsewhere, exitCode: 1 });
    expect(summary).toMatchObject({ passed: 1, failed: 1, problems: ['b could not be run: cannot find x'] });
  });
  it('counts a skip as failed in CI, by name, and only there', () => {
    const report = { testResults: [file('/r/a', 'passed', 'skipped')] };
    const inCi = summarise(report, { exitCode: 0, isSkipFailure: true, relativeTo: '/r/' });
    expect(inCi).toMatchObject({ passed: 1, failed: 1, isGreen: false, skipped: ['a: test 1'] });
    expect(inCi.problems[0]).toContain('a: test 1');
    expect(summarise(report, elsewhere)).toMatchObject({ passed: 1, failed: 0, isGreen: true });
  });
  it('counts an error outside any test, and a run without a report', () => {
    const report = { testResults: [file('a', 'passed')] };
    expect(summarise(report, { ...elsewhere, exitCode: 1 })).toMatchObject({ failed: 1, isGreen: false });
    expect(summarise(undefined, { ...elsewhere, exitCode: 1 })).toMatchObject({ passed: 0, failed: 1 });
  });
  it('is not green when nothing ran', () => {
    expect(summarise({ testResults: [] }, elsewhere)).toMatchObject({ failed: 0, isGreen: false });
  });
});
