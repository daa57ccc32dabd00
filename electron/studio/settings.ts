import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Logger } from '../streaming/lib/logger';
import type { DataFolder } from './data-folder';

const settingsSchema = z.object({
  /** the FFmpeg to use; comes after FFMPEG_BIN and before every other */
  ffmpegPath: z.string().min(1).optional(),
});
export type Settings = z.infer<typeof settingsSchema>;

/** What the user has set for this data folder, in `settings.json`. A file that cannot be read is left as it is and told of. */
export function readSettings(folder: DataFolder, logger: Logger): Settings {
  const path = folder.file('settings.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return {};
  }
  try {
    return settingsSchema.parse(JSON.parse(text));
  } catch (error) {
    logger.warn({ path, err: error }, 'the settings are not of the known form; the defaults apply');
    return {};
  }
}
