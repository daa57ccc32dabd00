import { isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { videoCodecSchema } from '../../shared/contract/codec';
import { lanPreviewSettingsSchema } from '../../shared/contract/lan-preview';
import type { LanPreviewSettings } from '../../shared/contract/lan-preview';
import { parseRate } from '../../shared/model/frame-rate';
import { StudioError } from '../streaming/lib/errors';
import type { GivenFormat } from './program-format';

export interface Endpoint {
  readonly host: string;
  /** 0 = any free one */
  readonly port: number;
}

/** Everything the engine can be told on its command line, checked. */
export interface EngineOptions {
  /** undefined: the default of this system */
  readonly dataDir: string | undefined;
  readonly http: Endpoint;
  readonly rtmp: Endpoint;
  /** what it says of the program's form; the rest comes from the settings */
  readonly given: GivenFormat;
  /** a file with the password of viewers in the local network */
  readonly lanPasswordPath: string | undefined;
  readonly collectionPath: string | undefined;
  /** id or name */
  readonly scene: string | undefined;
  readonly isLive: boolean;
  /** a file, `-` for stdin, or `fd:N` for an open descriptor */
  readonly destinationsPath: string | undefined;
  readonly recordPath: string | undefined;
  readonly durationSec: number | undefined;
  readonly clock: 'real' | 'max';
  /** a file, or `-` for stdout */
  readonly summaryPath: string | undefined;
  /** where the key of the saved stream keys shall lie: somebody's desktop has a place for it */
  readonly keyStore: 'file' | 'system';
  /** end when stdin closes: set by the launcher so that no engine outlives it */
  readonly endsWithParent: boolean;
}

export type KeysCommand =
  | { readonly action: 'add'; readonly name: string; readonly key: string | undefined }
  | { readonly action: 'list' }
  | { readonly action: 'remove'; readonly name: string };

export type CommandLine =
  | { readonly command: 'run'; readonly options: EngineOptions }
  | { readonly command: 'keys'; readonly keys: KeysCommand; readonly dataDir: string | undefined }
  | { readonly command: 'help' }
  | { readonly command: 'version' };

export const usage = `Stream Manager Studio engine

  engine [options]                      compose, encode and serve
  engine keys add NAME [--key KEY]      create a stream key and print it
  engine keys list                      print the names of all keys
  engine keys remove NAME               revoke a key; its publisher is cut off

  --data-dir DIR            where keys, settings and recordings live
  --http [HOST:]PORT        window and browser (127.0.0.1:7780; port 0: any free one)
  --rtmp [HOST:]PORT        RTMP server (127.0.0.1:1935; port 0: any free one)
  --size WxH                canvas and output size (as set in the window, else 1920x1080)
  --fps N                   frames per second, such as 60, 29.97 or 30000/1001 (as set, else 60)
  --bitrate KBPS            video bitrate (as set, else 6000)
  --codec h264|vp8|vp9      video codec (as set, else h264)
  --profile NAME|auto       encoder profile (as set, else auto)
  --collection FILE         scene collection instead of the demo
  --scene NAME              scene on program at the start
  --live                    start the destinations at once
  --destinations FILE|-     one destination a line: NAME URL KEY
  --record FILE             record to this file (.mp4, .mkv, .webm) from the start
  --duration SEC            stop after this much program time
  --clock real|max          in real time, or as fast as it goes
  --summary FILE|-          write a JSON summary at the end
  --key-store file|system   where the key of saved stream keys lies (file; with a window: system)
  --lan-preview [HOST:]PORT the program for viewers in the local network, with a password (as set, else off)
  --lan-password-file FILE  its password, in the first line
  --headless                open no window and no browser (for npm start; the engine itself never does)
  --version                 print the version
  -h, --help                print this
`;

const invalid = (option: string, expected: string, found: string): StudioError =>
  new StudioError('option-invalid', { option, expected, found });

/** @throws StudioError `option-invalid` for anything it does not know or that is out of range */
export function parseCommandLine(args: readonly string[]): CommandLine {
  if (args[0] === 'keys') return parseKeys(args.slice(1));
  const values = parse(args, runOptions);
  const endsWithParent = values['parent-pipe'] === true;
  if (values['help']) return { command: 'help' };
  if (values['version']) return { command: 'version' };
  return {
    command: 'run',
    options: {
      dataDir: path(text(values, 'data-dir')),
      http: endpoint('--http', text(values, 'http') ?? '7780', 7780),
      rtmp: endpoint('--rtmp', text(values, 'rtmp') ?? '1935', 1935),
      given: givenFormat(values),
      lanPasswordPath: path(text(values, 'lan-password-file')),
      collectionPath: path(text(values, 'collection')),
      scene: text(values, 'scene'),
      isLive: values['live'] === true,
      destinationsPath: destinations(text(values, 'destinations'), endsWithParent),
      recordPath: path(text(values, 'record')),
      durationSec:
        text(values, 'duration') === undefined
          ? undefined
          : number('--duration', text(values, 'duration') ?? '', 0.1, 31_536_000),
      clock: oneOf('--clock', text(values, 'clock') ?? 'real', ['real', 'max']),
      summaryPath: fileOrDash(text(values, 'summary')),
      keyStore: oneOf('--key-store', text(values, 'key-store') ?? 'file', ['file', 'system']),
      endsWithParent,
    },
  };
}

const valued = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const helpFlag = { type: 'boolean', short: 'h' } as const;
const runOptions = {
  'data-dir': valued,
  http: valued,
  rtmp: valued,
  size: valued,
  fps: valued,
  bitrate: valued,
  codec: valued,
  profile: valued,
  collection: valued,
  scene: valued,
  live: flag,
  destinations: valued,
  record: valued,
  duration: valued,
  clock: valued,
  summary: valued,
  'key-store': valued,
  'lan-preview': valued,
  'lan-password-file': valued,
  'parent-pipe': flag,
  help: helpFlag,
  version: flag,
};

type Values = Record<string, string | boolean | undefined>;
const text = (values: Values, name: string): string | undefined =>
  typeof values[name] === 'string' ? values[name] : undefined;

function parse(args: readonly string[], options: typeof runOptions): Values {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw unknownOption(error, args);
  }
}

function unknownOption(error: unknown, args: readonly string[]): StudioError {
  const message = error instanceof Error ? error.message : String(error);
  const quoted = /'([^']+)'/.exec(message)?.[1] ?? args.at(-1) ?? '';
  const code = (error as { code?: unknown }).code;
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE')
    return invalid(quoted.replace(/ <value>$/, ''), 'a value', 'none');
  return invalid(
    quoted,
    'an option that the engine knows',
    code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL' ? 'a word without an option' : 'an unknown one',
  );
}

function givenFormat(values: Values): GivenFormat {
  const [size, fps, bitrate, codec, profile] = ['size', 'fps', 'bitrate', 'codec', 'profile'].map((name) =>
    text(values, name),
  );
  const lan = text(values, 'lan-preview');
  const wanted = codec === undefined ? undefined : oneOf('--codec', codec, videoCodecSchema.options);
  if (wanted !== undefined && wanted !== 'h264' && profile !== undefined && profile !== 'auto')
    throw invalid('--profile', `auto (profiles are for h264; ${wanted} has one of its own)`, profile);
  return {
    ...(size !== undefined && { size: sizeOf(size) }),
    ...(fps !== undefined && { fps: rateOf(fps) }),
    ...(bitrate !== undefined && { bitrateKbps: Math.round(number('--bitrate', bitrate, 100, 100_000)) }),
    ...(wanted !== undefined && { codec: wanted }),
    ...(profile !== undefined && { profile }),
    ...(lan !== undefined && { lanPreview: lanPreview(lan) }),
  };
}

function parseKeys(args: readonly string[]): CommandLine {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      options: { 'data-dir': valued, key: valued, help: helpFlag },
      strict: true,
      allowPositionals: true,
    });
  } catch (error) {
    throw unknownOption(error, args);
  }
  if (parsed.values.help) return { command: 'help' };
  const [action, name, ...rest] = parsed.positionals;
  const dataDir = path(parsed.values['data-dir']);
  if (rest.length > 0) throw invalid('keys', 'one name', [name, ...rest].join(' '));
  if (action === 'list' && name === undefined) return { command: 'keys', dataDir, keys: { action } };
  if (action === 'add' && name)
    return { command: 'keys', dataDir, keys: { action, name, key: parsed.values.key } };
  if (action === 'remove' && name) return { command: 'keys', dataDir, keys: { action, name } };
  throw invalid('keys', 'add NAME, list or remove NAME', args.join(' ') || 'nothing');
}

const path = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : isAbsolute(value) ? value : resolve(value);
const fileOrDash = (value: string | undefined): string | undefined => (value === '-' ? value : path(value));

function destinations(value: string | undefined, endsWithParent: boolean): string | undefined {
  // Whoever has read it to its end would miss that the parent is gone.
  if (value === '-' && endsWithParent)
    throw invalid('--destinations', 'a FILE (standard input is the lifeline here, see --parent-pipe)', value);
  return value !== undefined && /^fd:\d+$/.test(value) ? value : fileOrDash(value);
}

function number(option: string, value: string, least: number, most: number): number {
  const parsed = Number(value);
  if (value.trim() === '' || !Number.isFinite(parsed) || parsed < least || parsed > most)
    throw invalid(option, `a number from ${least} to ${most}`, value);
  return parsed;
}

function rateOf(value: string): number {
  const fps = parseRate(value);
  if (fps === null || fps < 1 || fps > 240)
    throw invalid('--fps', 'a rate from 1 to 240, such as 60, 29.97 or 30000/1001', value);
  return fps;
}

function oneOf<Choice extends string>(option: string, value: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw invalid(option, choices.join(' or '), value);
  return choice;
}

function sizeOf(value: string): { width: number; height: number } {
  const match = /^(\d+)x(\d+)$/.exec(value);
  const width = Number(match?.[1]);
  const height = Number(match?.[2]);
  // H.264 4:2:0 needs even sizes; 16 is x264's smallest macroblock.
  const fits = (pixels: number): boolean => pixels >= 16 && pixels <= 8192 && pixels % 2 === 0;
  if (!match || !fits(width) || !fits(height))
    throw invalid('--size', 'WIDTHxHEIGHT, both even, 16 to 8192', value);
  return { width, height };
}

/** An address of this computer alone, or all of them. */
function lanPreview(value: string): LanPreviewSettings {
  const [, host, port = ''] = /^(?:(.+):)?(\d+)$/.exec(value) ?? [];
  const given = {
    isOn: true,
    port: Number(port === '' ? NaN : port),
    address: host === undefined || host === '*' ? null : host.replace(/^\[(.*)\]$/, '$1'),
  };
  const parsed = lanPreviewSettingsSchema.safeParse(given);
  if (!parsed.success)
    throw invalid('--lan-preview', '[ADDRESS:]PORT, e.g. 7790 or 192.168.1.20:7790', value);
  return parsed.data;
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

function endpoint(option: string, value: string, defaultPort: number): Endpoint {
  const match = /^(?:(\[[^\]]+\]|[^:]+):)?(\d+)$/.exec(value);
  if (!match) throw invalid(option, `[HOST:]PORT, e.g. 127.0.0.1:${defaultPort}`, value);
  const host = (match[1] ?? '127.0.0.1').replace(/^\[|\]$/g, '');
  if (!loopback.has(host))
    throw invalid(option, 'a loopback address (others are refused until passwords exist)', host);
  return { host: host === 'localhost' ? '127.0.0.1' : host, port: number(option, match[2] ?? '', 0, 65_535) };
}
