import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * When a process started, in the words of its system: the same for as long as it lives, another for whoever gets its id
 * after it. Null when it is gone or the system does not say.
 */
export function processStamp(pid: number, platform: NodeJS.Platform = process.platform): string | null {
  try {
    if (platform === 'linux') {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      return startOf(readFileSync(`/proc/${pid}/stat`, 'utf8'), boot);
    }
    const [command, args] =
      platform === 'win32'
        ? ['powershell.exe', ['-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`]]
        : ['ps', ['-o', 'lstart=', '-p', String(pid)]];
    const text = execFileSync(command, args, {
      encoding: 'utf8',
      timeout: 5000,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    }).trim();
    return text === '' ? null : text;
  } catch {
    return null;
  }
}

/** @param stat /proc/PID/stat @param boot tells one boot from the next: the start is counted from it */
export function startOf(stat: string, boot: string): string | null {
  // Field 2, the name, may hold spaces and parentheses; the fields after its last ')' do not (proc(5)).
  const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]; // starttime: field 22 of all
  return startTicks === undefined ? null : `${boot} ${startTicks}`;
}

/** Whether some process has this id, be it ours or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
