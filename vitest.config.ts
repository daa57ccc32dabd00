import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: suites that start FFmpeg would only disturb one another.
    fileParallelism: false,
    pool: 'forks',
  },
});
