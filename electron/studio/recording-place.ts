import { randomUUID } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { formatsOfCodec } from '../../shared/contract/codec';
import { StudioError } from '../streaming/lib/errors';
import { patientDisks } from '../streaming/lib/patient-disks';
import type { VideoCodec } from '../streaming/interfaces/packet';
import { formatOf } from '../streaming/output/recording-formats';
import { nameProblem } from './recording-name';

/**
 * That recordings can go there: known when it is set, not when a show begins. The folder need not exist yet; nothing is
 * made for it.
 * @throws StudioError `folder-relative`, `folder-silent`, `folder-unwritable`
 */
export async function checkRecordingFolder(folder: string, disks = patientDisks): Promise<void> {
  if (!isAbsolute(folder)) throw new StudioError('folder-relative', { path: folder });
  try {
    const answer = await disks.ask(folder, () => writeTrial(folder), { isUrgent: true });
    if (answer === null) throw new StudioError('folder-silent', { path: folder });
  } catch (cause) {
    if (cause instanceof StudioError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    // A full disk is the right place all the same; room can be made.
    if (code === 'ENOSPC' || code === 'EDQUOT') return;
    throw new StudioError('folder-unwritable', { path: folder, reason: reasonOf(code) }, { cause });
  }
}

/** Only writing tells: root passes every access check, and a read-only disk lets nobody write. */
async function writeTrial(folder: string): Promise<void> {
  const probe = join(await nearestFolder(folder), `.probe-${randomUUID()}`);
  await open(probe, 'wx').then((file) => file.close());
  await rm(probe, { force: true });
}

/** of a path the part that exists. @throws the system's error; ENOTDIR: it is a file */
async function nearestFolder(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      // With the separator: of a file, this is ENOTDIR.
      await stat(folder + sep);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    }
  }
}

/** @throws StudioError `recording-format-unfit` for a file that does not hold these pictures */
export function checkRecordingFormat(path: string, codec: VideoCodec): void {
  const formats = formatsOfCodec[codec];
  if (!formats.includes(formatOf(path)))
    throw new StudioError('recording-format-unfit', { path, codec, formats: [...formats] });
}

/** @throws StudioError `recording-name-invalid` */
export function checkRecordingName(template: string): void {
  const reason = nameProblem(template);
  if (reason !== null) throw new StudioError('recording-name-invalid', { name: template, reason });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'no permission to write there',
  EPERM: 'no permission to write there',
  EROFS: 'the disk is read-only',
  ENOTDIR: 'there is a file of that name',
  ENAMETOOLONG: 'the path is too long',
};
const reasonOf = (code: string | undefined): string => reasons[code ?? ''] ?? code ?? 'unknown';
