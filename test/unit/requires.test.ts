import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findProgram, requires } from '../support/requires';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'studio-requires-'));
  vi.stubEnv('PATH', folder);
  vi.stubEnv('FFMPEG_BIN', undefined);
  vi.stubEnv('CI', undefined);
  vi.stubEnv('STUDIO_MISSING_REPORT', join(folder, 'missing.jsonl'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function install(name: string, mode = 0o755): string {
  const path = join(folder, name);
  writeFileSync(path, '');
  chmodSync(path, mode);
  return path;
}

describe('requires', () => {
  it('finds a program by any of its names', () => {
    expect(findProgram('chromium')).toBeUndefined();
    const path = install('google-chrome');
    expect(findProgram('chromium')).toBe(path);
    expect(requires('chromium')).toBe(true);
  });

  it('prefers the one that the environment names', () => {
    install('ffmpeg');
    const other = install('my-ffmpeg');
    vi.stubEnv('FFMPEG_BIN', other);
    expect(findProgram('ffmpeg')).toBe(other);
  });

  it('does not take a file that cannot be run for a program', () => {
    install('ps', 0o644);
    // Root may read everything, but runs nothing that nobody may run.
    expect(findProgram('ps')).toBeUndefined();
  });

  it('says what is missing, for the list at the end of the run', () => {
    install('ffmpeg');
    expect(requires('ffmpeg', 'ffprobe')).toBe(false);
    expect(JSON.parse(readFileSync(join(folder, 'missing.jsonl'), 'utf8'))).toEqual({
      suite: 'test/unit/requires.test.ts',
      programs: ['ffprobe'],
    });
  });

  it('fails in CI, where nothing is skipped', () => {
    vi.stubEnv('CI', 'true');
    expect(() => requires('ffprobe')).toThrow('npm run setup:system');
    expect(existsSync(join(folder, 'missing.jsonl'))).toBe(false);
  });
});
