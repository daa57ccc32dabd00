import { access, chmod, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { StudioError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { FfmpegFactsCache } from './ffmpeg-facts';
import { hasOption, missingEncoders, parseEncoders, parseVersion, runFfmpeg } from './ffmpeg-probe';

export interface ResolveOptions {
  /** path the user chose */
  readonly setting?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
  /** what builds said about themselves at an earlier start */
  readonly facts?: FfmpegFactsCache;
  /** where optional packages are looked for; tests bring their own */
  readonly findPackage?: (name: string) => string | null;
}

const probeTimeoutMs = 10_000;
const program = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';

/** of the hundreds a build may have, those that matter to a stream */
const canStream = (encoder: string): boolean => /264|265|hevc|vp[89]|av1|aac|opus/i.test(encoder);

type Candidate = Pick<FfmpegBuild, 'path' | 'origin'>;

/**
 * Finds an FFmpeg that really runs and can do what streaming needs: FFMPEG_BIN, the user's setting, ffmpeg-static, PATH,
 * @ffmpeg-installer/ffmpeg, in this order.
 * @throws StudioError ffmpeg-unfit when one runs but none can encode H.264 and AAC, ffmpeg-missing when none runs
 */
export async function resolveFfmpeg(options: ResolveOptions): Promise<FfmpegBuild> {
  const { logger } = options;
  const tried: string[] = [];
  let unfit: StudioError | undefined;
  for (const candidate of await candidates(options)) {
    const { path, origin } = candidate;
    try {
      const build = await probe(candidate, options.facts);
      logger.info(
        { origin, path, version: build.version, encoders: build.encoders.filter(canStream) },
        'using FFmpeg',
      );
      return build;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      tried.push(`${origin} ${path} (${reason})`);
      if (error instanceof StudioError) unfit ??= error;
      // Somebody asked for this one by name: that it is passed over must not go unseen.
      if (origin === 'FFMPEG_BIN' || origin === 'setting')
        logger.warn({ origin, path, reason }, 'the chosen FFmpeg does not work; trying the next');
      else logger.debug({ origin, path, reason }, 'this FFmpeg does not work');
    }
  }
  throw unfit ?? new StudioError('ffmpeg-missing', { tried });
}

/**
 * What this file can do, found out by running it.
 * @throws Error when it does not run, StudioError ffmpeg-unfit when it lacks an encoder
 */
async function probe({ path, origin }: Candidate, facts?: FfmpegFactsCache): Promise<FfmpegBuild> {
  await makeExecutable(path);
  const ask = (...args: string[]): Promise<string> =>
    runFfmpeg(path, ['-hide_banner', ...args], probeTimeoutMs).then((spoken) => spoken.stdout);
  // Asked at every start: a file that has not changed may have lost a library it needs.
  const version = parseVersion(await ask('-version'));
  if (!version) throw new Error('it does not say an FFmpeg version');
  const known = await facts?.get(path, version);
  if (known) return { path, origin, version, encoders: known.encoders, hasFpsMode: known.hasFpsMode };
  const [encoderList, help] = await Promise.all([ask('-encoders'), ask('-h', 'long')]);
  const encoders = parseEncoders(encoderList);
  const missing = missingEncoders(encoders);
  if (missing) throw new StudioError('ffmpeg-unfit', { path, missing });
  const hasFpsMode = hasOption(help, 'fps_mode');
  await facts?.set(path, { version, encoders, hasFpsMode });
  return { path, origin, version, encoders, hasFpsMode };
}

/** Some archives and package managers lose the executable bit. */
async function makeExecutable(path: string): Promise<void> {
  await access(path).catch(() => {
    throw new Error('no such file');
  });
  try {
    await access(path, constants.X_OK);
  } catch {
    // Not ours to change, perhaps: then running it says so.
    await chmod(path, 0o755).catch(() => undefined);
  }
}

async function candidates(options: ResolveOptions): Promise<Candidate[]> {
  const { setting, env, findPackage = findInstalledPackage } = options;
  const list: Candidate[] = [];
  const add = (origin: Candidate['origin'], path: string | null | undefined): void => {
    if (path) list.push({ origin, path });
  };
  add('FFMPEG_BIN', await locate(env['FFMPEG_BIN'], env));
  add('setting', await locate(setting, env));
  // Not by calling the packages: ffmpeg-static answers with FFMPEG_BIN, the other throws a string.
  const staticFolder = findPackage('ffmpeg-static');
  add('ffmpeg-static', staticFolder && join(staticFolder, program));
  const inPath = await findInPath(program, env);
  add('PATH', inPath);
  const bundled = findPackage(`@ffmpeg-installer/${process.platform}-${process.arch}`);
  add('@ffmpeg-installer/ffmpeg', bundled && join(bundled, program));
  return list;
}

/** A path stays as it is, a bare name is looked up; what is not found stays, so that it can be named as tried. */
async function locate(chosen: string | undefined, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (!chosen || isAbsolute(chosen) || dirname(chosen) !== '.') return chosen;
  return (await findInPath(chosen, env)) ?? chosen;
}

async function findInPath(name: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (!folder) continue;
    const path = join(folder, name);
    const isExecutable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isExecutable) return path;
  }
  return null;
}

/** Folder of an optional package; null when it is not installed. */
function findInstalledPackage(name: string): string | null {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    // Nothing can be started from inside an Electron archive; binaries lie beside it.
    return folder.replace(/\bapp\.asar\b/, 'app.asar.unpacked');
  } catch {
    return null;
  }
}
