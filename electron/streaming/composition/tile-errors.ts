import type { TileJob } from '../interfaces/layer';
import { StudioError } from '../lib/errors';

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]?.trim() ?? '';

/** Sharp's own word for a picture that it was not given the time to finish; the pool says the same. */
const timeout = 'timeout:';
export const outOfTime = (ms: number): Error => new Error(`${timeout} not drawn within ${ms / 1000} s`);
export const isOutOfTime = (error: unknown): boolean => firstLine(error).startsWith(timeout);

/** Whatever went wrong with a tile, in the words of the source that asked for it. */
export function toTileError(job: TileJob, error: unknown): StudioError {
  if (error instanceof StudioError) return error as StudioError;
  const reason = firstLine(error);
  if (isOutOfTime(error) && job.type === 'image')
    return new StudioError('picture-too-slow', { path: job.path }, { cause: error });
  if (job.type === 'text') return new StudioError('text-unrenderable', { reason }, { cause: error });
  if (job.type === 'color') return new StudioError('internal', { reason }, { cause: error });
  const { path } = job;
  if (reason.startsWith('Input file is missing'))
    return new StudioError('source-file-missing', { path }, { cause: error });
  return new StudioError('source-file-unreadable', { path, reason }, { cause: error });
}
