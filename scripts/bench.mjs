// @ts-check
// `npm run bench [-- OPTIONS]` and `npm run fuzz [-- OPTIONS]`: install, build, then run the program behind the name.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireSupportedNode } from './bootstrap/node-version.mjs';

requireSupportedNode();

const { bootstrap } = await import('./bootstrap/index.mjs');
const { BootstrapError, runCommand } = await import('./bootstrap/say.mjs');
const { root } = await import('./bootstrap/root.mjs');

const programs = { bench: 'test/bench/bench.mjs', fuzz: 'test/load/fuzz.mjs' };
const [name = 'bench', ...rest] = process.argv.slice(2);
const path = join(root, name === 'fuzz' ? programs.fuzz : programs.bench);

await runCommand(async () => {
  if (!existsSync(path)) throw new BootstrapError(`There is no ${path} to run.`);
  await bootstrap();
  process.argv = [process.execPath, path, ...rest];
});
if (process.exitCode === 0) await import(pathToFileURL(path).href);
