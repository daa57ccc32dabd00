import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** `2026-03-01 18-30-05.mp4` in local time; a number is added while the name is taken. No characters that any file system refuses. */
export function recordingName(
  folder: string,
  now: Date,
  isTaken: (path: string) => boolean = existsSync,
): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = `${two(now.getHours())}-${two(now.getMinutes())}-${two(now.getSeconds())}`;
  for (let number = 1; ; number += 1) {
    const path = join(folder, `${day} ${time}${number > 1 ? ` (${number})` : ''}.mp4`);
    if (!isTaken(path)) return path;
  }
}
