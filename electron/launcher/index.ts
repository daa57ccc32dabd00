// The entry behind `npm start`: shows the running studio, or starts one: in a desktop window where Electron runs, in
// the browser where it does not, with nothing opened when --headless.
import { spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describeError } from '../../shared/contract/error-text';
import { formatReadyLine } from '../../shared/contract/engine-file';
import type { EngineFile, ReadyLine } from '../../shared/contract/engine-file';
import { paths } from '../streaming/lib/paths';
import { isDesktopOpen } from './desktop-open';
import { runDesktop } from './desktop-session';
import { electronPackageDir, obtainElectron } from './electron-binary';
import { handOnInput, parseLauncherArgs } from './engine-args';
import type { LauncherOptions } from './engine-args';
import { hasDisplay, openUrl, removeRedirect } from './open-url';
import { awaitRunningStudio, findStudioOwner } from './running-studio';
import { superviseEngine } from './supervise';

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const sayWaiting = (pid: number): void =>
  say(`A studio is starting on this data folder (process ${pid}); waiting for it.`);
/** the engine's exit code for what a person can mend, such as a folder that another studio owns */
const mistakeExit = 2;

function sayUnreachable(pid: number): number {
  const reason = 'it did not become ready in time';
  const { sentence, remedy } = describeError({ code: 'engine-unreachable', details: { pid, reason } });
  say(`${sentence} ${remedy}`);
  return mistakeExit;
}

const node = process.execPath;
/** ends what would outlive us, such as a download that still goes on */
const lifetime = new AbortController();

/** Why there can be no desktop window, or its binary. */
async function findElectron(options: LauncherOptions): Promise<{ path: string } | { reason: string }> {
  if (!hasDisplay(process.env, process.platform)) return { reason: 'There is no display' };
  if (options.usesStdin) return { reason: 'Destinations are read from the standard input' };
  // Chromium refuses to run as root with its sandbox, and we will not run it without.
  if (process.platform === 'linux' && process.getuid?.() === 0)
    return { reason: 'Electron does not run as root' };
  const packageDir = electronPackageDir();
  if (!packageDir) return { reason: 'Electron is not installed' };
  return obtainElectron({ packageDir, dataDir: options.dataDir, node, say, signal: lifetime.signal });
}

/** `electron` is undefined where there is no desktop window. */
async function showRunning(studio: EngineFile, options: LauncherOptions): Promise<number> {
  say(`The studio runs already (process ${studio.pid}).`);
  process.stdout.write(`${formatReadyLine(studio)}\n`);
  if (options.isHeadless) return 0;
  if (isDesktopOpen(options.dataDir)) {
    const electron = await findElectron(options);
    if ('path' in electron) {
      // Its single-instance lock makes this one raise the other's window and end.
      const result = await runDesktop({ ...desktopStart(options), electron: electron.path });
      if ('exitCode' in result) return result.exitCode;
    }
  }
  openUrl(studio.uiUrl, options.dataDir);
  return 0;
}

const desktopStart = ({ engineArgs, dataDir }: LauncherOptions) => ({
  appDir: paths.root,
  script: paths.engine,
  // Keys of a person who sits at a desktop lie where that desktop keeps secrets.
  engineArgs: ['--key-store', 'system', ...engineArgs],
  dataDir,
  node,
  onShellGivenUp: (ready: ReadyLine) => {
    say('The studio goes on in your browser (Ctrl+C ends it).');
    process.stdout.write(`${formatReadyLine(ready)}\n`);
    openUrl(ready.uiUrl, dataDir);
  },
});

async function serve(options: LauncherOptions): Promise<number> {
  const exitCode = await superviseEngine({
    node,
    script: paths.engine,
    args: options.usesStdin ? handOnInput(options.engineArgs) : options.engineArgs,
    ...(options.usesStdin && { input: await text(process.stdin) }),
    isLogWhole: options.isHeadless,
    onReady: (uiUrl, rtmpUrl) => {
      process.stdout.write(`${formatReadyLine({ uiUrl, rtmpUrl })}\n`);
      if (options.isHeadless) return;
      // The log may be kept and shown around: the token is in the line above only, which is the user's.
      say(`The studio is open at ${new URL(uiUrl).origin} (Ctrl+C ends it).`);
      openUrl(uiUrl, options.dataDir);
    },
  });
  removeRedirect(options.dataDir);
  // Two starts at the same moment: the engine of the other was quicker.
  if (exitCode !== mistakeExit || findStudioOwner(options.dataDir) === undefined) return exitCode;
  const other = await awaitRunningStudio(options.dataDir, sayWaiting);
  return other ? showRunning(other, options) : exitCode;
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseLauncherArgs(args);
  if (options.isOneShot) {
    const result = spawnSync(node, [paths.engine, ...options.engineArgs], { stdio: 'inherit' });
    return result.status ?? 1;
  }
  const running = await awaitRunningStudio(options.dataDir, sayWaiting);
  if (running) return showRunning(running, options);
  const owner = findStudioOwner(options.dataDir);
  if (owner !== undefined) return sayUnreachable(owner);
  if (options.isHeadless) return serve(options);
  const electron = await findElectron(options);
  let reason: string;
  if ('path' in electron) {
    const result = await runDesktop({ ...desktopStart(options), electron: electron.path });
    if ('exitCode' in result) return result.exitCode;
    reason = result.reason;
  } else {
    reason = electron.reason;
  }
  say(`${reason}: the studio opens in your browser instead.`);
  return serve(options);
}

// The code is set, not exited with: whatever still has to be written is.
process.exitCode = await main(process.argv.slice(2)).finally(() => lifetime.abort());
