// Where the benchmarks find what they measure.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const fonts = join(root, 'resources', 'fonts');
export const bundledFont = join(
  fonts,
  readdirSync(fonts).find((name) => /regular.*\.ttf$/i.test(name)),
);
