// Runs whole commands and says what they cost: CPU of the process and of every descendant it waited for.
import { spawn } from 'node:child_process';
import { openSync, closeSync, readdirSync, readFileSync } from 'node:fs';

/** Time that the hypervisor gave to others, in milliseconds since boot, all cores. */
export function stolenMs() {
  try {
    const steal = Number(readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].split(/\s+/)[8]);
    return steal * 10;
  } catch {
    return 0;
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{stdin?: string, env?: NodeJS.ProcessEnv, limitMs?: number}} [options]
 * @returns {Promise<{cpuMs: number, wallMs: number, stolenMs: number, stdout: string}>}
 */
export async function timed(command, args, options = {}) {
  const stolen = stolenMs();
  const stdin = options.stdin ? openSync(options.stdin, 'r') : 'ignore';
  // bash's `time` counts user and system time of the command and all descendants it reaped.
  const child = spawn('bash', ['-c', 'TIMEFORMAT="@time %U %S %R"; time "$@"', 'bash', command, ...args], {
    stdio: [stdin, 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  if (typeof stdin === 'number') closeSync(stdin);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (part) => (stdout = (stdout + part.toString('latin1')).slice(-200_000)));
  child.stderr.on('data', (part) => (stderr = (stderr + part.toString()).slice(-200_000)));
  const timer = setTimeout(() => child.kill('SIGTERM'), options.limitMs ?? 300_000);
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  const found = /@time ([\d.]+) ([\d.]+) ([\d.]+)/.exec(stderr);
  if (code !== 0 || !found)
    throw new Error(`${command} ${args.join(' ')}\nended with ${code}:\n${stderr.slice(-3000)}`);
  const [user, system, wall] = found.slice(1).map(Number);
  return { cpuMs: (user + system) * 1000, wallMs: wall * 1000, stolenMs: stolenMs() - stolen, stdout };
}

/** CPU time that one process has used, milliseconds (proc(5): fields 14 and 15, in hundredths of a second). */
export function cpuMsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** CPU time of a process and everything below it, milliseconds (proc(5): fields 4, 14 and 15). */
export function treeCpuMs(pid) {
  const parents = new Map();
  const used = new Map();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1).split(' ');
      parents.set(Number(name), Number(fields[1]));
      used.set(Number(name), (Number(fields[11]) + Number(fields[12])) * 10);
    } catch {
      // It ended meanwhile.
    }
  }
  const isBelow = (one) => {
    for (let at = one; at !== undefined; at = parents.get(at)) if (at === pid) return true;
    return false;
  };
  return [...used].reduce((sum, [one, ms]) => sum + (isBelow(one) ? ms : 0), 0);
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
