import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { desktopFileName, desktopFileSchema } from './desktop-contract';

/** Whether a desktop window on this data folder is open: then a second start only has to knock. */
export function isDesktopOpen(dataDir: string): boolean {
  try {
    const { pid } = desktopFileSchema.parse(JSON.parse(readFileSync(join(dataDir, desktopFileName), 'utf8')));
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
