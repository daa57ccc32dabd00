import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../electron/streaming/lib/logger';
import type { Logger } from '../../electron/streaming/lib/logger';
import { readCpuFeatures } from '../../electron/streaming/output/cpu-features';
import { resolveFfmpeg } from '../../electron/streaming/output/ffmpeg';
import { testBuilds } from '../support/ffmpeg-builds';

const builds = await testBuilds();
const real = builds[0]!.path;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'studio-ffmpeg-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function script(name: string, body: string, mode = 0o755): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, mode);
  return path;
}

function listen(): { logger: Logger; warnings: string[] } {
  const warnings: string[] = [];
  const logger = Object.assign(Object.create(silentLogger) as Logger, {
    warn: (details: unknown) => warnings.push(JSON.stringify(details)),
  });
  return { logger, warnings };
}
const noPackage = (): null => null;

describe('resolveFfmpeg', () => {
  it('takes the first that works: FFMPEG_BIN, setting, ffmpeg-static, PATH, @ffmpeg-installer/ffmpeg', async () => {
    const places = ['bin', 'setting', 'static', 'path', 'bundled'];
    for (const place of places) {
      await mkdir(join(folder, place));
      await symlink(real, join(folder, place, 'ffmpeg'));
    }
    const { logger } = listen();
    const env: NodeJS.ProcessEnv = {
      FFMPEG_BIN: join(folder, 'bin/ffmpeg'),
      PATH: join(folder, 'path'),
    };
    const findPackage = (name: string): string =>
      join(folder, name === 'ffmpeg-static' ? 'static' : 'bundled');
    const origins: string[] = [];
    for (const place of places) {
      const build = await resolveFfmpeg({
        env,
        setting: join(folder, 'setting/ffmpeg'),
        logger,
        findPackage,
      });
      expect(build.path).toBe(join(folder, place, 'ffmpeg'));
      origins.push(build.origin);
      await rm(join(folder, place), { recursive: true });
    }
    expect(origins).toEqual(['FFMPEG_BIN', 'setting', 'ffmpeg-static', 'PATH', '@ffmpeg-installer/ffmpeg']);
  });

  it('passes over what does not work, and says so when somebody had chosen it', async () => {
    const { logger, warnings } = listen();
    const broken = await script('broken', 'echo "error while loading shared libraries" >&2; exit 127');
    const build = await resolveFfmpeg({
      env: { FFMPEG_BIN: broken },
      setting: real,
      logger,
      findPackage: noPackage,
    });
    expect(build.origin).toBe('setting');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('error while loading shared libraries');
  });

  it('repairs a lost executable bit', async () => {
    const path = await script('ffmpeg', `exec "${real}" "$@"`, 0o644);
    const build = await resolveFfmpeg({
      env: { FFMPEG_BIN: path },
      logger: silentLogger,
      findPackage: noPackage,
    });
    expect(build.path).toBe(path);
    expect((await stat(path)).mode & 0o111).not.toBe(0);
  });

  it('says what was tried when there is none', async () => {
    const none = resolveFfmpeg({
      env: { FFMPEG_BIN: join(folder, 'nowhere'), PATH: folder },
      logger: silentLogger,
      findPackage: noPackage,
    });
    await expect(none).rejects.toMatchObject({
      code: 'ffmpeg-missing',
      details: { tried: [expect.stringContaining('nowhere (no such file)')] },
    });
  });

  it('refuses a build without encoders, unless another has them', async () => {
    const unfit = await script(
      'unfit',
      'case "$*" in *-version*) echo "ffmpeg version 9 Copyright";; *) echo;; esac',
    );
    const options = { env: { FFMPEG_BIN: unfit }, logger: silentLogger, findPackage: noPackage };
    await expect(resolveFfmpeg(options)).rejects.toMatchObject({
      code: 'ffmpeg-unfit',
      details: { path: unfit, missing: 'an H.264 encoder and the AAC encoder' },
    });
    expect((await resolveFfmpeg({ ...options, setting: real })).origin).toBe('setting');
  });
});

describe.each(builds)('FFmpeg $version', (build) => {
  it('tells what it and the processor can do', async () => {
    expect(build.encoders).toEqual(expect.arrayContaining(['libx264', 'aac']));
    const cpu = await readCpuFeatures(build);
    expect(cpu.cores).toBeGreaterThan(0);
    expect(cpu.model).not.toBe('');
    if (process.arch === 'x64') expect(cpu.features).toContain('SSSE3');
  });
});
