import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** What keeps no time: it waits for something small (a player, a restart) most of the time. */
const patient = 'test/acceptance/{command-line,facade,launcher,settings,show}.test.ts';
/** Of those that drive the real engine in a browser. */
const unhurried = 'test/e2e/engine-{air,encoder,files,lan,peers,playback,trouble,webm}.test.ts';

/** The kinds of tests, in the order they run: cheap ones tell first. One kind runs after the other. */
const kinds: readonly {
  name: string;
  include: readonly string[];
  exclude?: readonly string[];
  /** files at a time */
  workers: number;
  testTimeout: number;
}[] = [
  { name: 'unit', include: ['test/unit/**/*.test.{ts,tsx}'], workers: 2, testTimeout: 20_000 },
  // Two at a time leave two cores idle by half.
  {
    name: 'integration',
    include: ['test/integration/**/*.test.ts', patient],
    workers: 4,
    testTimeout: 60_000,
  },
  {
    name: 'acceptance',
    include: ['test/acceptance/**/*.test.ts'],
    exclude: [patient],
    workers: 2,
    testTimeout: 120_000,
  },
  // A page before a peer has nothing to keep time with.
  { name: 'ui', include: ['test/e2e/ui-*.test.ts'], workers: 2, testTimeout: 120_000 },
  {
    name: 'e2e',
    include: [unhurried],
    workers: 2,
    testTimeout: 120_000,
  },
  // What must keep time has the machine to itself: a browser that draws in software beside an engine that streams fills
  // two cores by itself.
  {
    name: 'realtime',
    include: ['test/realtime/**/*.test.ts', 'test/e2e/engine-*.test.ts'],
    exclude: [unhurried],
    workers: 1,
    testTimeout: 120_000,
  },
];

/** What takes longest, and so begins first in its kind: begun last it would leave the other workers idle. */
const longest = ['acceptance/program', 'acceptance/command-line', 'integration/ingest-source'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = longest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: kinds.map(({ name, include, exclude = [], workers, testTimeout }, groupOrder) => ({
      test: {
        name,
        include: [...include],
        exclude: [...exclude],
        testTimeout,
        hookTimeout: 60_000,
        pool: 'forks' as const,
        // Pure parts leave nothing behind; a process for each of their files would be half of their time.
        isolate: name !== 'unit',
        maxWorkers: workers,
        fileParallelism: workers > 1,
        sequence: { groupOrder },
      },
    })),
  },
});
