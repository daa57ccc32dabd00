import { access, constants, stat } from 'node:fs/promises';
import { StudioError } from '../lib/errors';

/** What a look at a source's file found. */
export type FileLook =
  /** `stamp`: size and time of change; another one is another file */
  | { readonly kind: 'file'; readonly stamp: string }
  | { readonly kind: 'missing' | 'folder' | 'denied' }
  /** its disk has not answered (yet): see `FileLooker` */
  | { readonly kind: 'silent' }
  | { readonly kind: 'failed'; readonly reason: string };

/** The part of node:fs that a look needs. */
export interface LookedAtFiles {
  stat(path: string): Promise<{ isFile(): boolean; isDirectory(): boolean; size: number; mtimeMs: number }>;
  access(path: string, mode: number): Promise<void>;
}

/** Never rejects: whatever the system says is what was found. */
export async function lookAt(path: string, files: LookedAtFiles = { stat, access }): Promise<FileLook> {
  try {
    const found = await files.stat(path);
    if (found.isDirectory()) return { kind: 'folder' };
    if (!found.isFile()) return { kind: 'failed', reason: 'it is a device or a pipe' };
    // Whose bits forbid it is seen, too: given back, they change no time of the file.
    await files.access(path, constants.R_OK);
    return { kind: 'file', stamp: `${found.size}:${found.mtimeMs}` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    if (code === 'EACCES' || code === 'EPERM') return { kind: 'denied' };
    return { kind: 'failed', reason: code === 'EIO' ? 'the disk reports an error' : (code ?? message) };
  }
}

const codes = {
  missing: 'source-file-missing',
  folder: 'source-file-is-folder',
  denied: 'source-file-denied',
  silent: 'source-file-silent',
} as const;

/** Why a file cannot be shown, in words; null: nothing is in the way. All of it can pass. */
export function troubleOf(path: string, look: Exclude<FileLook, { kind: 'file' }>): StudioError;
export function troubleOf(path: string, look: FileLook): StudioError | null;
export function troubleOf(path: string, look: FileLook): StudioError | null {
  if (look.kind === 'file') return null;
  if (look.kind === 'failed')
    return new StudioError('source-file-failed', { path, reason: look.reason }, { retryable: true });
  return new StudioError(codes[look.kind], { path }, { retryable: true });
}
