import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** pid → its parent and command line */
export interface ProcessFacts {
  readonly parent: number;
  readonly command: string;
}

async function readFacts(pid: number): Promise<ProcessFacts | undefined> {
  try {
    if (process.platform === 'linux') {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
      // proc(5): "pid (name) state ppid …", and a name may hold anything, parentheses included.
      const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return { parent: Number(parent), command: command.replaceAll('\0', ' ').trim() };
    }
    const { stdout } = await promisify(execFile)('ps', ['-o', 'ppid=,args=', '-p', String(pid)]);
    const match = /^\s*(\d+)\s+(.*)$/.exec(stdout);
    return match?.[1] ? { parent: Number(match[1]), command: match[2] ?? '' } : undefined;
  } catch {
    return undefined;
  }
}

const isNpm = (command: string): boolean => /^npm( |$)|npm-cli\.c?js/.test(command);

/**
 * Whose end is ours when npm started us: the process above, which is npm or the shell that npm runs scripts in, and npm
 * above that shell. (Not the terminal's shell above npm: `nohup npm start &` outlives it.)
 */
export async function startersOf(
  parent: number,
  factsOf: (pid: number) => Promise<ProcessFacts | undefined> = readFacts,
): Promise<number[]> {
  const above = await factsOf(parent);
  if (!above || isNpm(above.command)) return [parent];
  const npm = await factsOf(above.parent);
  return npm && isNpm(npm.command) ? [parent, above.parent] : [parent];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * npm hands a signal to the shell it runs scripts in, which dies of it and tells nobody: the studio would run on with
 * no one to end it. So under npm the end of npm is the end of the studio. Not under npm, nothing is watched.
 * @returns stops watching
 */
export function watchStarter(onGone: () => void, pollMs = 300): () => void {
  if (process.env['npm_lifecycle_event'] === undefined || process.platform === 'win32')
    return () => undefined;
  const parent = process.ppid;
  let starters = [parent];
  void startersOf(parent).then((found) => (starters = found));
  const timer = setInterval(() => {
    if (process.ppid === parent && starters.every(isAlive)) return;
    clearInterval(timer);
    onGone();
  }, pollMs);
  timer.unref();
  return () => clearInterval(timer);
}
