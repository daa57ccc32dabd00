// @ts-check
// `npm run check`: everything that is checked before a change lands. All steps run; the table at the end says which failed.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { requireSupportedNode } from './bootstrap/node-version.mjs';

requireSupportedNode();

const { bootstrap } = await import('./bootstrap/index.mjs');
const { runCommand, say } = await import('./bootstrap/say.mjs');
const { root } = await import('./bootstrap/root.mjs');

const inModules = (/** @type {string} */ path) => join(root, 'node_modules', path);

/** @type {[name: string, args: string[]][]} */
const steps = [
  ['types', [inModules('typescript/bin/tsc'), '-p', '.', '--noEmit']],
  ['lint and the laws of the house', [inModules('eslint/bin/eslint.js'), '.', '--max-warnings=0']],
  ['format', [inModules('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.']],
  ['unused exports, files, packages', [inModules('knip/bin/knip.js')]],
  ['tests', [join(root, 'scripts', 'test.mjs')]],
];

/** @param {string[]} args @returns {Promise<boolean>} */
const succeeds = (args) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });

await runCommand(async () => {
  await bootstrap();
  const results = [];
  for (const [name, args] of steps) {
    say(`\n── ${name}`);
    const startedAt = Date.now();
    const isOk = await succeeds(args);
    results.push({ name, isOk, seconds: (Date.now() - startedAt) / 1000 });
  }
  say('');
  for (const { name, isOk, seconds } of results)
    say(`${isOk ? '✔' : '✘'} ${name.padEnd(34)} ${seconds.toFixed(1).padStart(6)} s`);
  return results.every((result) => result.isOk) ? 0 : 1;
});
