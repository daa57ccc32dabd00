import { appendFileSync, accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect } from 'vitest';

const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'] as const;

/** Program → the names it goes by. */
const programs = {
  ffmpeg: ['ffmpeg'],
  ffprobe: ['ffprobe'],
  ffplay: ['ffplay'],
  chromium: chromiumNames,
  /** the same without windows and all that belongs to them: a fifth less to do for the processor */
  windowlessChromium: ['chromium-headless-shell', ...chromiumNames],
  ps: ['ps'],
  openssl: ['openssl'],
  Xvfb: ['Xvfb'],
  xdotool: ['xdotool'],
  xterm: ['xterm'],
  xsetroot: ['xsetroot'],
  xprop: ['xprop'],
  pulseaudio: ['pulseaudio'],
  pactl: ['pactl'],
  obs: ['obs'],
  nginx: ['nginx'],
  ip: ['ip'],
  tc: ['tc'],
} as const;

export type Program = keyof typeof programs;

/** An environment variable that names the program outright. */
const overrides: Partial<Record<Program, string>> = {
  ffmpeg: 'FFMPEG_BIN',
  chromium: 'CHROMIUM_BIN',
  windowlessChromium: 'CHROMIUM_BIN',
};

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @returns the program's path, or undefined when this machine has none */
export function findProgram(program: Program, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const override = overrides[program];
  const given = override && env[override];
  if (given && isExecutable(given)) return given;
  // Servers are kept where only administrators look.
  const folders = [...(env['PATH'] ?? '').split(delimiter).filter(Boolean), '/usr/sbin'];
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return programs[program]
    .flatMap((name) => folders.map((folder) => join(folder, name + suffix)))
    .find(isExecutable);
}

/** @throws Error for a suite that did not ask with `requires` first */
export function programPath(program: Program): string {
  const path = findProgram(program);
  if (!path) throw new Error(`${program} is not installed; guard the suite with requires('${program}')`);
  return path;
}

/**
 * Whether all these programs are here: `describe.skipIf(!requires('ffmpeg'))(…)`. A suite that is left out is told to
 * `npm test`, which lists it with the command to install. In CI a missing program fails the file instead.
 */
export function requires(...wanted: Program[]): boolean {
  const missing = wanted.filter((program) => !findProgram(program));
  if (missing.length === 0) return true;
  if (process.env['CI'] === 'true')
    throw new Error(
      `This suite needs ${missing.join(' and ')}, and in CI nothing is skipped. Run: npm run setup:system`,
    );
  const report = process.env['STUDIO_MISSING_REPORT'];
  const suite = expect.getState().testPath?.replace(`${process.cwd()}/`, '') ?? 'a suite';
  if (report) appendFileSync(report, `${JSON.stringify({ suite, programs: missing })}\n`);
  return false;
}
