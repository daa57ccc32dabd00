import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { engineFileName, engineFileSchema, healthSchema } from '../../shared/contract/engine-file';
import type { EngineFile } from '../../shared/contract/engine-file';

/**
 * The studio that runs on this data folder, if one does. The file alone proves nothing (a crash leaves it behind, and
 * its process id may have been given away): whoever is there must answer `/healthz` as an engine does.
 */
export async function findRunningStudio(dataDir: string, timeoutMs = 2000): Promise<EngineFile | undefined> {
  try {
    const text = await readFile(join(dataDir, engineFileName), 'utf8');
    const file = engineFileSchema.parse(JSON.parse(text));
    const response = await fetch(new URL('/healthz', file.uiUrl), {
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    });
    healthSchema.parse(await response.json());
    return file;
  } catch {
    return undefined;
  }
}
