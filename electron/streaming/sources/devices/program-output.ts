import { Child, describeExit } from '../../lib/child';

export interface ProgramOutput {
  /** 127: there is no such program */
  readonly code: number;
  readonly stdout: string;
  /** lines */
  readonly stderr: readonly string[];
}

/**
 * Runs a program that lists things, to its own end, whatever its exit code. Killed when it takes longer than `limitMs`
 * (5 s) or the signal aborts.
 * @throws Error when it was killed, by us or others: half a list tells of nothing that is not there
 */
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
  const limitMs = options.limitMs ?? 5000;
  const limit = AbortSignal.timeout(limitMs);
  const bounded = AbortSignal.any([signal, limit]);
  const stop = (): void => void child.stop(200);
  if (bounded.aborted) stop();
  bounded.addEventListener('abort', stop, { once: true });
  const exit = await child.exited;
  bounded.removeEventListener('abort', stop);
  if (exit.code !== null) return { code: exit.code, stdout, stderr };
  signal.throwIfAborted();
  const why = limit.aborted ? `within ${limitMs / 1000} s` : `but ended (${describeExit(exit)})`;
  throw new Error(`${command} ${args.join(' ')} did not answer ${why}`);
}
