import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { engineFileName, engineFileSchema, healthSchema } from '../../shared/contract/engine-file';
import type { EngineFile } from '../../shared/contract/engine-file';
import { findLockOwner, lockFileName } from '../streaming/lib/folder-lock';

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

/** The process that owns this data folder, from its first moment on: long before it answers. */
export const findStudioOwner = (dataDir: string): number | undefined =>
  findLockOwner(join(dataDir, lockFileName));

/**
 * The studio that runs or is about to: starting takes seconds, most of them for trying what this machine can encode.
 * @param onWait called once with the process that is being waited for, when there is one
 * @returns undefined when nobody owns the folder (any more), or its owner does not answer in time
 */
export async function awaitRunningStudio(
  dataDir: string,
  onWait: (pid: number) => void,
  { waitMs = 30_000, pollMs = 200 } = {},
): Promise<EngineFile | undefined> {
  const giveUpAt = performance.now() + waitMs;
  for (let isFirst = true; ; isFirst = false) {
    const studio = await findRunningStudio(dataDir);
    if (studio) return studio;
    const pid = findStudioOwner(dataDir);
    if (pid === undefined || performance.now() >= giveUpAt) return undefined;
    if (isFirst) onWait(pid);
    await sleep(pollMs);
  }
}
