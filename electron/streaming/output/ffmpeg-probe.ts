import { Readable } from 'node:stream';
import { Child, describeExit } from '../lib/child';

/** What a build says about itself, read from its own output. The parsers are pure. */

/** `ffmpeg version 5.1.9-0+deb12u1 Copyright …` → `5.1.9-0+deb12u1`; null when it is no FFmpeg */
export const parseVersion = (text: string): string | null => /^ffmpeg version (\S+)/m.exec(text)?.[1] ?? null;

/** The names in the output of `-encoders`: ` V....D libx264   libx264 H.264 …` (the legend is not of that form). */
export const parseEncoders = (text: string): string[] =>
  [...text.matchAll(/^ [VAS][F.][S.][X.][B.][D.] ([\w-]+) /gm)].map((match) => match[1]!);

/** Whether `-h long` lists an option. */
export const hasOption = (help: string, option: string): boolean =>
  help.split('\n').some((line) => line.startsWith(`-${option} `) || line.startsWith(`-${option}[`));

/** What is missing for streaming; null when nothing is. */
export function missingEncoders(encoders: readonly string[]): string | null {
  const missing = [
    ...(encoders.some((name) => name === 'libx264' || name.startsWith('h264_')) ? [] : ['an H.264 encoder']),
    ...(encoders.includes('aac') ? [] : ['the AAC encoder']),
  ];
  return missing.length > 0 ? missing.join(' and ') : null;
}

export interface Spoken {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs FFmpeg to its end and gives back what it said.
 * @param input written to its stdin, piece by piece as it is read
 * @throws Error with its last words when it fails, takes longer than `timeoutMs` or is ended by the signal
 */
export async function runFfmpeg(
  path: string,
  args: readonly string[],
  timeoutMs: number,
  input: Iterable<Uint8Array> = [],
  signal?: AbortSignal,
): Promise<Spoken> {
  const stderr: string[] = [];
  const child = new Child({
    command: path,
    args,
    stdio: ['pipe', 'pipe', 'pipe'],
    niceness: 5,
    onStderrLine: (line) => stderr.push(line),
  });
  let stdout = '';
  child.process.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.process.stdin?.on('error', () => undefined);
  if (child.process.stdin) Readable.from(input).pipe(child.process.stdin);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.process.kill('SIGKILL');
  }, timeoutMs);
  const onAbort = (): void => void child.process.kill('SIGKILL');
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const exit = await child.exited;
  signal?.removeEventListener('abort', onAbort);
  clearTimeout(timer);
  if (isLate) throw new Error(`no answer within ${timeoutMs / 1000} s`);
  if (exit.code !== 0) throw new Error([describeExit(exit), child.lastLine].filter(Boolean).join(': '));
  return { stdout, stderr: stderr.join('\n') };
}
