import { describe, expect, it } from 'vitest';
import { describeError } from '../../shared/contract/error-text';
import type { WireError } from '../../shared/contract/errors';

const place = { path: '/data/destinations.json' };
const unwritten = (reason: string): WireError[] => [
  { code: 'folder-unwritable', details: { ...place, reason } },
  { code: 'file-unwritable', details: { ...place, reason } },
  { code: 'restore-point-unsaved', details: { ...place, reason, label: 'Before' } },
];

describe('the remedy where something cannot be written', () => {
  it.each(unwritten('ENOSPC').concat(unwritten('EDQUOT')))('is room on a full disk: $code', (error) => {
    const { sentence, remedy } = describeError(error);
    expect(sentence).toContain(place.path);
    expect(remedy).toMatch(/Make room on that disk, then try again\.$/);
    expect(remedy).not.toMatch(/permission|[Cc]hoose/);
  });

  it.each(unwritten('EACCES'))('is the permissions where those are wrong: $code', (error) => {
    const { remedy } = describeError(error);
    expect(remedy).toContain('permissions');
    expect(remedy).not.toContain('room');
  });

  it('offers another folder only where one can be chosen, and promises no attempt that nobody makes', () => {
    const [folder, file, point] = unwritten('EACCES').map((error) =>
      Object.values(describeError(error)).join(' '),
    );
    expect(folder).toContain('Choose another folder');
    expect(file).not.toMatch(/The folder|[Cc]hoose/);
    expect(point).toContain('The restore point “Before”');
    expect(point).not.toMatch(/by itself|[Cc]hoose/);
  });
});
