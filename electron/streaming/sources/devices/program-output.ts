import { Child } from '../../lib/child';

export interface ProgramOutput {
  /** 127: there is no such program */
  readonly code: number | null;
  readonly stdout: string;
  /** lines */
  readonly stderr: readonly string[];
}

/** Runs a program that lists things. Never rejects; killed when it takes longer than `limitMs` or the signal aborts. */
export async function outputOf(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
  options: { readonly limitMs?: number; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<ProgramOutput> {
  const stderr: string[] = [];
  let stdout = '';
  const child = new Child({
    command,
    args,
    stdio: ['ignore', 'pipe', 'pipe'],
    niceness: 5,
    onStderrLine: (line) => void stderr.push(line),
    ...(options.env && { env: options.env }),
  });
  child.process.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(options.limitMs ?? 5000)]);
  const stop = (): void => void child.stop(200);
  if (bounded.aborted) stop();
  bounded.addEventListener('abort', stop, { once: true });
  const { code } = await child.exited;
  bounded.removeEventListener('abort', stop);
  return { code, stdout, stderr };
}
