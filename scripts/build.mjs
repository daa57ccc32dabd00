// @ts-check
// Builds everything into out/: the AssemblyScript kernels, the Node entries, the preload and the UI.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { clearStamp, hashSources, writeStamp } from './bootstrap/build-stamp.mjs';
import { install, isInstallNeeded } from './bootstrap/install.mjs';
import { root } from './bootstrap/root.mjs';
import { runCommand } from './bootstrap/say.mjs';

await runCommand(async () => {
  if (isInstallNeeded()) await install();
});
if (process.exitCode) process.exit();

const sources = hashSources();
clearStamp();
mkdirSync(join(root, 'out'), { recursive: true });
// Chunks carry a hash in their names: without this, every build leaves its own behind.
rmSync(join(root, 'out', 'chunks'), { recursive: true, force: true });

/**
 * @param {string} script below node_modules
 * @param {string[]} args
 */
function run(script, args) {
  const result = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) {
    console.error(`build: ${script} ended with ${result.status ?? result.signal}`);
    process.exit(1);
  }
}

const kernels = 'electron/streaming/composition/kernels/index.ts';
if (existsSync(join(root, kernels))) {
  run('assemblyscript/bin/asc.js', [
    kernels,
    '--outFile',
    'out/kernels.wasm',
    '-O3',
    '--noAssert',
    '--runtime',
    'stub',
    '--importMemory',
    '--sharedMemory',
    '--initialMemory',
    '1',
    '--maximumMemory',
    '65536',
    '--enable',
    'simd',
    '--enable',
    'threads',
  ]);
}
run('electron-vite/bin/electron-vite.js', ['build', '--logLevel', 'warn']);
writeStamp(sources);
