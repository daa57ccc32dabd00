import { defineConfig } from 'vitest/config';

/** The kinds of tests, in the order they run: cheap ones tell first. One kind runs after the other. */
const kinds: readonly {
  name: string;
  testTimeout: number;
  isParallel: boolean;
  include?: string;
  exclude?: string;
}[] = [
  { name: 'unit', testTimeout: 20_000, isParallel: true },
  // Most of these wait for something small (a player, a restart) most of the time.
  { name: 'integration', testTimeout: 60_000, isParallel: true },
  { name: 'acceptance', testTimeout: 120_000, isParallel: true },
  // A page before a peer has nothing to keep time with.
  { name: 'ui', testTimeout: 120_000, isParallel: true, include: 'test/e2e/ui-*.test.ts' },
  // What must keep time has the machine to itself.
  { name: 'realtime', testTimeout: 120_000, isParallel: false },
  // A browser that draws in software beside an engine that streams fills two cores by itself.
  { name: 'e2e', testTimeout: 120_000, isParallel: false, exclude: 'test/e2e/ui-*.test.ts' },
];

export default defineConfig({
  test: {
    projects: kinds.map(({ name, testTimeout, isParallel, include, exclude }, groupOrder) => ({
      test: {
        name,
        include: [include ?? `test/${name}/**/*.test.{ts,tsx}`],
        exclude: exclude === undefined ? [] : [exclude],
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
