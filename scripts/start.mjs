// @ts-check
// `npm start`: installs and builds what is missing, then starts the studio. Needs nothing but Node.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireSupportedNode } from './bootstrap/node-version.mjs';

requireSupportedNode();

const { bootstrap } = await import('./bootstrap/index.mjs');
const { runCommand } = await import('./bootstrap/say.mjs');
const { root } = await import('./bootstrap/root.mjs');

await runCommand(() => bootstrap());
if (process.exitCode === 0) {
  // In this process: one less between a signal and the engine.
  const launcher = join(root, 'out', 'launcher.js');
  process.argv[1] = launcher;
  await import(pathToFileURL(launcher).href);
}
