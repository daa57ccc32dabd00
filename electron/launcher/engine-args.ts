import { resolve } from 'node:path';
import type { ReadyLine } from '../../shared/contract/engine-file';
import { defaultDataDir } from '../streaming/lib/data-dir';

/** The launcher's own options; everything else is the engine's and passed on as it is. */
export interface LauncherOptions {
  readonly isHeadless: boolean;
  /** as `--data-dir` names it, else the system's place; absolute */
  readonly dataDir: string;
  /** for the engine, `--data-dir` included when it was given */
  readonly engineArgs: readonly string[];
  /** a question that is answered and done (`keys …`, `--help`, `--version`): run the engine once, as it is */
  readonly isOneShot: boolean;
  /** the destinations are read from stdin, which they have to be handed on from: the engine's own is its lifeline */
  readonly usesStdin: boolean;
}

/** Both spellings of an option, `--name value` and `--name=value`; the last one wins. */
function optionValue(args: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  args.forEach((arg, index) => {
    if (arg === name) value = args[index + 1];
    else if (arg.startsWith(`${name}=`)) value = arg.slice(name.length + 1);
  });
  return value;
}

export function parseLauncherArgs(args: readonly string[]): LauncherOptions {
  const engineArgs = args.filter((arg) => arg !== '--headless');
  const dataDir = optionValue(engineArgs, '--data-dir');
  const first = engineArgs[0];
  return {
    isHeadless: engineArgs.length !== args.length,
    dataDir: dataDir ? resolve(dataDir) : defaultDataDir(),
    engineArgs,
    isOneShot:
      (first !== undefined && !first.startsWith('-')) ||
      engineArgs.some((arg) => arg === '--help' || arg === '-h' || arg === '--version'),
    usesStdin: optionValue(engineArgs, '--destinations') === '-',
  };
}

/** The descriptor on which the engine finds what the launcher has read from its own stdin. */
export const inputDescriptor = 3;

/** `--destinations -` for an engine whose stdin is its lifeline. */
export function handOnInput(args: readonly string[]): string[] {
  const source = `fd:${inputDescriptor}`;
  return args.map((arg, index) => {
    if (arg === '--destinations=-') return `--destinations=${source}`;
    return arg === '-' && args[index - 1] === '--destinations' ? source : arg;
  });
}

/** `[HOST:]PORT` with port 0 → the port that was given out; anything else stays. */
function pinPort(value: string, url: string | null): string {
  const port = url && new URL(url).port;
  return port
    ? value.replace(/^(.*:)?0$/, (_all, host: string | undefined) => `${host ?? ''}${port}`)
    : value;
}

/**
 * For a restart: "any free port" becomes the port the first start got, so that open tabs and publishers find the
 * engine again.
 */
export function pinPorts(args: readonly string[], ready: ReadyLine): string[] {
  const urls: Record<string, string | null> = { '--http': ready.uiUrl, '--rtmp': ready.rtmpUrl };
  return args.map((arg, index) => {
    const before = urls[args[index - 1] ?? ''];
    if (before !== undefined) return pinPort(arg, before);
    const [name = '', value] = arg.split('=', 2);
    const url = urls[name];
    return value !== undefined && url !== undefined ? `${name}=${pinPort(value, url)}` : arg;
  });
}
