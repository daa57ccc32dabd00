// @ts-check
// `npm run bench [-- reference|scenes|window|profiles|outputs] [OPTIONS]` and `npm run fuzz|faults [-- OPTIONS]`: install, build, then run the program behind the name.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireSupportedNode } from './bootstrap/node-version.mjs';

requireSupportedNode();

const { bootstrap } = await import('./bootstrap/index.mjs');
const { BootstrapError, runCommand } = await import('./bootstrap/say.mjs');
const { root } = await import('./bootstrap/root.mjs');

const benchmarks = ['reference', 'scenes', 'window', 'profiles', 'outputs'];
const [name = 'bench', ...rest] = process.argv.slice(2);
// One by its name: the first word, or after `--only`.
const only = rest.includes('--only')
  ? (rest[rest.indexOf('--only') + 1] ?? '')
  : rest[0]?.startsWith('-')
    ? undefined
    : rest[0];
const chosen = only === undefined ? benchmarks : benchmarks.filter((each) => each === only);
const others = { fuzz: 'test/load/fuzz.mjs', faults: 'test/faults/kill.mjs' };
const other = Object.entries(others).find(([each]) => each === name)?.[1];
const paths = other ? [other] : chosen.map((each) => `test/bench/${each}.mjs`);

await runCommand(async () => {
  if (paths.length === 0)
    throw new BootstrapError(`Expected ${benchmarks.join(', ')}, found ${only || 'nothing'}.`);
  await bootstrap();
  process.argv = [process.execPath, name, ...rest];
});
if (process.exitCode === 0) for (const path of paths) await import(pathToFileURL(join(root, path)).href);
