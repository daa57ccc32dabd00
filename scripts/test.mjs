// @ts-check
// `npm test [-- FILTER…]`: installs, builds, runs every suite, kind after kind. Last line, alone: `N passed, N failed`.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { requireSupportedNode } from './bootstrap/node-version.mjs';

requireSupportedNode();

const { bootstrap } = await import('./bootstrap/index.mjs');
const { BootstrapError, runCommand, say } = await import('./bootstrap/say.mjs');
const { root } = await import('./bootstrap/root.mjs');
const { summarise } = await import('./testing/summary.mjs');

const isCi = process.env['CI'] === 'true' || process.env['CI'] === '1';
const reports = join(root, '.cache', 'test');
const reportFile = join(reports, 'report.json');
/** one line of JSON for each suite that was left out: `test/support/requires.ts` writes it */
const missingFile = join(reports, 'missing.jsonl');

/**
 * @param {string[]} args for Node
 * @returns {Promise<number>} the exit code
 */
const runNode = (args, env = process.env) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env });
    const forward = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
    process.on('SIGINT', forward).on('SIGTERM', forward);
    child.once('error', () => resolve(1));
    child.once('close', (code) => {
      process.off('SIGINT', forward).off('SIGTERM', forward);
      resolve(code ?? 1);
    });
  });

/** @param {string} path @returns {any} */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function sayWhatIsMissing() {
  if (!existsSync(missingFile)) return;
  const suites = new Set(readFileSync(missingFile, 'utf8').trim().split('\n'));
  say('\nLeft out because a program is missing (install them with: npm run setup:system):');
  for (const line of suites) {
    const { suite, programs } = JSON.parse(line);
    say(`  ${suite}: needs ${programs.join(', ')}`);
  }
}

await runCommand(async () => {
  if (isCi && (await runNode([join(root, 'scripts', 'setup-system.mjs')])) !== 0)
    throw new BootstrapError('The system programs that the tests need could not be installed.');
  await bootstrap();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const startedAt = Date.now();
  const exitCode = await runNode(
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportFile}`,
      ...process.argv.slice(2),
    ],
    { ...process.env, STUDIO_MISSING_REPORT: missingFile },
  );
  const summary = summarise(readJson(reportFile), { exitCode, isSkipFailure: isCi, relativeTo: `${root}/` });
  if (summary.skipped.length > 0 && !isCi) {
    say('\nSkipped:');
    for (const test of summary.skipped) say(`  ${test}`);
  }
  sayWhatIsMissing();
  for (const problem of summary.problems) say(`! ${problem}`);
  say(`\nTests took ${((Date.now() - startedAt) / 1000).toFixed(0)} s.`);
  process.stdout.write(`${summary.passed} passed, ${summary.failed} failed\n`);
  return summary.isGreen ? 0 : 1;
});
