import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import {
  formatEndedLine,
  formatReadyLine,
  fullDiskExit,
  userErrorExit,
} from '../shared/contract/engine-file';
import { AirMark } from './studio/air-mark';
import { serveProgram } from './studio/program-viewers';
import { parseCommandLine, usage } from './studio/options';
import type { EngineOptions } from './studio/options';
import { DataFolder } from './studio/data-folder';
import { readDestinations } from './studio/destinations-file';
import type { Destination } from './studio/destinations-file';
import { runKeysCommand } from './studio/keys-command';
import { readPasswordFile } from './studio/lan-password';
import { forgetLostCodec, forgetLostProfile } from './studio/lost-profile';
import { ProfileChooser, ffmpegFacts } from './studio/profile-choice';
import { systemKeyStore } from './studio/key-store';
import { settleSecretKey } from './studio/secret-key';
import { rpcCall } from './studio/rpc-call';
import { programFormat } from './studio/program-format';
import { checkRecordingFormat } from './studio/recording-place';
import { SettingsStore } from './studio/settings-store';
import { ShowExchange } from './studio/show-exchange';
import { ShowFile } from './studio/show-file';
import { engineVersion } from './studio/snapshot';
import { Studio } from './studio/studio';
import { UncaughtFaults } from './studio/uncaught-faults';
import { CaptureEndpoint } from './streaming/capture-endpoint';
import { HttpServer } from './streaming/http';
import { systemClock } from './streaming/lib/clock';
import { defaultDataDir } from './streaming/lib/data-dir';
import { StudioError, isCancelled } from './streaming/lib/errors';
import { createLogger } from './streaming/lib/logger';
import type { Logger } from './streaming/lib/logger';
import { paths } from './streaming/lib/paths';
import { patientDisks } from './streaming/lib/patient-disks';
import { engineStopMs } from './streaming/lib/stop-limits';
import { resolveFfmpeg } from './streaming/output/ffmpeg';
import { WebSocketEndpoint } from './streaming/websocket';

const stopping = new AbortController();

async function main(): Promise<number> {
  const line = parseCommandLine(process.argv.slice(2));
  if (line.command === 'help') process.stdout.write(usage);
  if (line.command === 'version') process.stdout.write(`${engineVersion}\n`);
  if (line.command === 'keys')
    process.stdout.write(await runKeysCommand(line.keys, new DataFolder(line.dataDir ?? defaultDataDir())));
  return line.command === 'run' ? run(line.options) : 0;
}

async function run(options: EngineOptions): Promise<number> {
  const logger = createLogger();
  process.on('unhandledRejection', (error) =>
    logger.error({ err: error }, 'a bug: a failure that nobody handles; the show goes on'),
  );
  listenForTheEnd(options);
  const destinations = options.destinationsPath ? readDestinations(options.destinationsPath) : [];
  const folder = new DataFolder(options.dataDir ?? defaultDataDir());
  folder.create();
  checkSummaryPath(options.summaryPath);
  folder.lock();
  folder.keepReserve();
  const cleanups: (() => unknown)[] = [() => folder.unlock()];
  try {
    return await compose(options, folder, destinations, logger, stopping.signal, cleanups);
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

/** Builds everything, says `ready`, and runs until it is told to stop. What it leaves in `cleanups` undoes it in reverse. */
async function compose(
  options: EngineOptions,
  folder: DataFolder,
  destinations: readonly Destination[],
  logger: Logger,
  signal: AbortSignal,
  cleanups: (() => unknown)[],
): Promise<number> {
  const { lanPasswordPath } = options;
  const lanPassword = lanPasswordPath === undefined ? undefined : readPasswordFile(lanPasswordPath);
  const settings = new SettingsStore(folder);
  const settingsError = settings.load();
  patientDisks.trust(folder.path);
  if (settingsError) logger.warn({ error: settingsError.toWire() }, 'settings');
  const secret = await settleSecretKey(folder.file('secret.key'), {
    wantsStore: options.keyStore === 'system',
    store: systemKeyStore,
  });
  if (secret.trouble !== null)
    logger.warn({ place: secret.place, reason: secret.trouble }, 'the key store of the system is not used');
  const ffmpeg = await resolveFfmpeg({
    env: process.env,
    facts: ffmpegFacts(folder),
    setting: settings.settings.ffmpegPath,
    logger,
  });
  const showFile = ShowFile.of(folder, options.collectionPath, logger);
  const show = showFile.open();

  // The address is claimed before anything expensive, so that a taken port is known at once.
  let studio: Studio | undefined;
  let endpoint: WebSocketEndpoint | undefined;
  let capture: CaptureEndpoint | undefined;
  const token = folder.token();
  const exchange = new ShowExchange({ token, desk: () => studio?.desk, logger });
  const http = new HttpServer({
    ...options.http,
    folder: paths.renderer,
    logger,
    routes: {
      notReadyReason: () => (studio ? studio.notReadyReason() : 'the engine is starting'),
      metrics: () => studio?.metrics.text() ?? Promise.resolve({ contentType: 'text/plain', text: '' }),
      program: (form, request, response) => serveProgram(form, studio?.viewed, request, response, signal),
      exchange: (request, response) => exchange.serve(request, response),
      recording: async (request, response) =>
        studio ? studio.playback.serve(request, response) : void response.writeHead(503).end(),
      call: (authorization, body) => rpcCall(studio?.handlers, token, authorization, body, logger),
      upgrade: (request, socket, head) =>
        endpoint ? endpoint.upgrade(request, socket, head) : socket.destroy(),
      capture: (request, socket, head) =>
        capture ? capture.upgrade(request, socket, head) : socket.destroy(),
    },
  });
  cleanups.push(() => http.stop());
  await http.start(signal);

  const userProfiles = () => settings.settings.userProfiles;
  const encoders = await ProfileChooser.create({ build: ffmpeg, folder, logger, userProfiles });
  const lost = [await forgetLostProfile(settings, encoders), await forgetLostCodec(settings, encoders)];
  const format = programFormat(settings.settings, options.given);
  if (options.recordPath !== undefined) checkRecordingFormat(options.recordPath, format.codec);
  const profile = await encoders.choose(format, signal);
  const mark = new AirMark(folder.file('on-air.json'));
  const cutOff = mark.take();
  // Its scenes are not those of the collection that could not be read.
  const engine = show.isStandIn ? { ...options, scene: undefined } : options;
  studio = new Studio({
    engine,
    dataFolder: folder,
    ffmpeg,
    show,
    showFile,
    destinations,
    secret,
    settings,
    format,
    profile,
    encoders,
    programUrl: `${http.origin}/live/program.flv`,
    lanPassword,
    wasOn: cutOff?.destinations.length ? cutOff.destinations : undefined,
    logger,
  });
  const running = studio;
  for (const error of lost) if (error) running.notify(error, 'warning');
  endpoint = new WebSocketEndpoint(
    {
      token,
      handlers: running.handlers,
      state: () => ({ revision: running.state.revision, snapshot: running.state.snapshot }),
      onStateChanged: (listener) => running.state.onChanged(listener),
      wantPreview: (width) => running.wantPreview(width),
      now: () => ({ unixMs: Date.now(), monotonicUs: systemClock.nowUs() }),
    },
    logger,
  );
  const windows = endpoint;
  const captures = (capture = new CaptureEndpoint({ token, feeds: running.browserFeeds, logger }));
  cleanups.push(() => {
    captures.close();
    windows.close();
  });
  running.audience = {
    stats: (stats) => windows.publish('stats', stats),
    meters: (meters) => windows.publish('meters', meters),
    preview: (picture) => windows.publishPreview(picture),
    sound: (block) => windows.publishMonitor(block),
  };
  for (const error of [show.error, settingsError]) if (error) running.notify(error, 'error');
  if (cutOff)
    running.notify(new StudioError('air-cut-off', { ...cutOff, isLiveAgain: options.isLive }), 'error');
  mark.follow(running.state);
  signal.addEventListener('abort', () => void mark.end(), { once: true });
  cleanups.push(() => running.stop());
  cleanups.push(() => mark.leave());
  await running.start(signal);
  // Until here nothing is lost with the process, and what waits for a start would wait for ever.
  const { tooMany } = new UncaughtFaults(process, logger);
  const ended = Promise.race([running.run.finished, running.run.failed, tooMany, aborted(signal)]);
  // A short run may be over before its first picture leaves the encoder.
  await Promise.race([running.ready(signal), ended]);
  if (!signal.aborted) announce(folder, running, `${http.origin}/#token=${token}`);
  await ended.finally(endForSure);
  await mark.end();
  await running.stop();
  writeSummary(options.summaryPath, running);
  return 0;
}

function announce(folder: DataFolder, studio: Studio, uiUrl: string): void {
  const { rtmpUrl } = studio;
  try {
    folder.announce({ pid: process.pid, uiUrl, rtmpUrl, startedAt: Date.now() });
  } catch (error) {
    // It streams all the same; only a second start and `engine keys` will not find it.
    if (!(error instanceof StudioError)) throw error;
    studio.notify(error as StudioError, 'error');
  }
  process.stdout.write(`${formatReadyLine({ uiUrl, rtmpUrl })}\n`);
}

/** @throws StudioError `option-invalid`: known at the start, not after hours of recording */
function checkSummaryPath(path: string | undefined): void {
  if (path === undefined || path === '-') return;
  try {
    const isNew = !existsSync(path);
    closeSync(openSync(path, 'a'));
    // A start that fails leaves nothing behind.
    if (isNew) rmSync(path);
  } catch (error) {
    throw new StudioError('option-invalid', {
      option: '--summary',
      expected: 'a file that can be written',
      found: String((error as NodeJS.ErrnoException).code),
    });
  }
}

function writeSummary(path: string | undefined, studio: Studio): void {
  if (path === undefined || !studio.summary) return;
  const text = `${JSON.stringify(studio.summary, null, 2)}\n`;
  if (path === '-') process.stdout.write(text);
  else writeFileSync(path, text);
}

/** Whatever hangs while it stops: whoever started it is not kept from starting another. */
function endForSure(): void {
  setTimeout(() => leave(1), engineStopMs).unref();
}

/**
 * Ends the process, whose work is done. `exit` waits for libuv's threads (`uv_library_shutdown`), and so for a disk that
 * never answers: then the kernel ends it, by the signal that means an orderly end, and the code is told in words.
 */
function leave(code: number): void {
  if (patientDisks.isWaiting) {
    process.stdout.write(`${formatEndedLine(code)}\n`);
    process.removeAllListeners('SIGTERM');
    process.kill(process.pid, 'SIGTERM');
  }
  // Process 1 of a container takes no such signal: it waits here for the disk.
  process.exit(code);
}

/** Signals and (under a launcher) the closing of stdin all mean the same. A second signal does not wait. */
function listenForTheEnd(options: EngineOptions): void {
  const end = (): void => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    endForSure();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => (stopping.signal.aborted ? leave(1) : end()));
  }
  // `end` and `close` both come from one closing.
  if (options.endsWithParent) process.stdin.resume().once('close', end).once('end', end);
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
  );

main().then(
  (code) => {
    process.exitCode = code;
    // Whatever library timer is left must not keep a stopped engine alive.
    setTimeout(() => leave(code), 500).unref();
  },
  (error: unknown) => {
    if (isCancelled(error) && stopping.signal.aborted) return leave(0);
    if (error instanceof StudioError) {
      process.stderr.write(`${error.message}\n`);
      return leave(error.code === 'folder-full' ? fullDiskExit : userErrorExit);
    }
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    leave(1);
  },
);
