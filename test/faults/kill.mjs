// @ts-check
// Recordings whose encoder, engine or both are killed: npm run faults -- [COUNT] [SEED]. `npm test` does 10 of seed 1.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [count = '50', seed = String(Date.now() % 1_000_000_000)] = process.argv.slice(2);
console.log(`faults: ${count} kills, seed ${seed}`);
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    ...['run', '--project', 'acceptance', 'test/acceptance/recording-kill.test.ts'],
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, KILL_COUNT: count, KILL_SEED: seed } },
);
process.exitCode = status ?? 1;
