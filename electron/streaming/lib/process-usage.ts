import { readFile } from 'node:fs/promises';

export interface ProcessUsage {
  /** user + system time since it started, milliseconds (kept by Linux in steps of 10) */
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** USER_HZ: what /proc counts in, 100 on every Linux Node runs on, whatever the kernel ticks at (man 5 proc). */
const ticksPerSec = 100;

/**
 * What a process has used so far. Null when it is gone, or when this system does not say (not Linux; there only our own
 * process is known).
 */
export async function processUsage(pid: number): Promise<ProcessUsage | null> {
  if (pid === process.pid) {
    const { user, system } = process.cpuUsage();
    return { cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() };
  }
  if (process.platform !== 'linux') return null;
  try {
    const [stat, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ]);
    return parseUsage(stat, status);
  } catch {
    return null;
  }
}

/** @param stat /proc/PID/stat @param status /proc/PID/status; null when they are not of the known form */
export function parseUsage(stat: string, status: string): ProcessUsage | null {
  // The name in field 2 may hold spaces and parentheses; the fields after its last ')' do not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]); // utime, stime: fields 14 and 15 of all
  if (!Number.isFinite(ticks)) return null;
  // A zombie has no memory and no VmRSS line.
  const rssKb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  return { cpuMs: (ticks * 1000) / ticksPerSec, rssBytes: rssKb * 1024 };
}
