import { appendFile, chmod, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../electron/streaming/lib/logger';
import { readCpuFeatures } from '../../electron/streaming/output/cpu-features';
import { resolveFfmpeg } from '../../electron/streaming/output/ffmpeg';
import { FfmpegFactsCache } from '../../electron/streaming/output/ffmpeg-facts';
import type { FfmpegBuild } from '../../electron/streaming/interfaces/ffmpeg';
import { testBuilds } from '../support/ffmpeg-builds';

const real = (await testBuilds())[0]!.path;

/** A real FFmpeg behind a script that notes how often it was asked. */
describe('what is remembered of an FFmpeg', () => {
  let folder: string;
  let program: string;
  const asked = async (): Promise<number> =>
    (await readFile(join(folder, 'asked'), 'utf8')).split('\n').filter(Boolean).length;
  const start = async (cpuModel = 'this one'): Promise<FfmpegBuild> => {
    const facts = new FfmpegFactsCache(join(folder, 'cache', 'ffmpeg-builds.json'), cpuModel);
    const build = await resolveFfmpeg({
      env: { FFMPEG_BIN: program, PATH: '' },
      logger: silentLogger,
      findPackage: () => null,
      facts,
    });
    expect((await readCpuFeatures(build, facts)).features).not.toEqual([]);
    return build;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'studio-facts-'));
    program = join(folder, 'ffmpeg');
    await writeFile(program, `#!/bin/sh\necho asked >> ${folder}/asked\nexec ${real} "$@"\n`);
    await chmod(program, 0o755);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is asked whether it runs at every start, and all the rest once', async () => {
    const first = await start();
    expect(await asked()).toBe(4);
    expect(await start()).toEqual(first);
    expect(await asked()).toBe(5);
  });

  it('is asked again when the file or the processor is another', async () => {
    await start();
    await appendFile(program, '# newer\n');
    await start();
    expect(await asked()).toBe(8);
    await utimes(program, 1, 1);
    await start();
    expect(await asked()).toBe(12);
    await start('another processor');
    expect(await asked()).toBe(16);
  });

  it('is asked again when what was written cannot be read', async () => {
    await start();
    await writeFile(join(folder, 'cache', 'ffmpeg-builds.json'), '{"version":1,');
    await start();
    expect(await asked()).toBe(8);
  });
});
