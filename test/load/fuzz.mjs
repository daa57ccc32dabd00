// @ts-check
// The long run against the RTMP server: npm run fuzz -- [COUNT] [SEED]. `npm test` runs the first 2,000 of seed 1.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [count = '1000000', seed = String(Date.now() % 1_000_000_000)] = process.argv.slice(2);
console.log(`fuzz: ${count} inputs, seed ${seed}`);
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', 'test/integration/rtmp-fuzz.test.ts'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, FUZZ_COUNT: count, FUZZ_SEED: seed } },
);
process.exitCode = status ?? 1;
