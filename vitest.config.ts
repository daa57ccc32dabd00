import { defineConfig } from 'vitest/config';

/** The kinds of tests, in the order they run: cheap ones tell first. One kind runs after the other. */
const kinds = [
  { name: 'unit', testTimeout: 20_000, isParallel: true },
  // Two cores: suites that start FFmpeg or a browser would only disturb one another.
  { name: 'integration', testTimeout: 60_000, isParallel: false },
  { name: 'acceptance', testTimeout: 120_000, isParallel: false },
  { name: 'e2e', testTimeout: 120_000, isParallel: false },
] as const;

export default defineConfig({
  test: {
    projects: kinds.map(({ name, testTimeout, isParallel }, groupOrder) => ({
      test: {
        name,
        include: [`test/${name}/**/*.test.{ts,tsx}`],
        testTimeout,
        hookTimeout: 60_000,
        pool: 'forks' as const,
        maxWorkers: isParallel ? 2 : 1,
        fileParallelism: isParallel,
        sequence: { groupOrder },
      },
    })),
  },
});
