// Builds everything into out/: the AssemblyScript kernels, the Node entries, the preload and the UI.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
mkdirSync(join(root, 'out'), { recursive: true });

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
