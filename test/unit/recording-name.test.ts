import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { basename, dirname } from 'node:path';
import { recordingPath } from '../../electron/studio/recording-name';

const at = new Date(2026, 2, 1, 8, 5, 9);
const facts = { at, scene: 'Just talking', show: 'Friday show' };
const free = (): Promise<boolean> => Promise.resolve(false);

describe('the file that a recording begins with', () => {
  it('is named by the local time unless asked otherwise', async () => {
    expect(await recordingPath('/r', '{date} {time}', facts, '.mp4', free)).toBe(
      '/r/2026-03-01 08-05-09.mp4',
    );
  });

  it('carries show and scene, and leaves braces that mean nothing', async () => {
    expect(await recordingPath('/r', '{show} – {scene} {take}', facts, '.mp4', free)).toBe(
      '/r/Friday show – Just talking {take}.mp4',
    );
  });

  it('is never one that is there already', async () => {
    const taken = new Set(['/r/a.mp4', '/r/a (2).mp4']);
    expect(await recordingPath('/r', 'a', facts, '.mp4', (path) => Promise.resolve(taken.has(path)))).toBe(
      '/r/a (3).mp4',
    );
  });

  it.each([
    ['../../etc/passwd', '-..-etc-passwd'],
    ['{scene}', 'AC-DC- “live”-', 'AC/DC: “live”?'],
    ['con', 'con_'],
    ['...', '2026-03-01 08-05-09'],
    ['a\u0000b\n', 'a-b-'],
    ['end. ', 'end'],
  ])('makes of %j the safe name %j', async (template, name, scene = 'Scene') => {
    expect(await recordingPath('/r', template, { ...facts, scene }, '.mp4', free)).toBe(`/r/${name}.mp4`);
  });

  it('stays in its folder and within what file systems take, whatever people write', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 400 }),
        fc.string({ maxLength: 400 }),
        async (template, scene) => {
          const path = await recordingPath(
            '/r',
            template,
            { ...facts, scene: scene + template },
            '.mkv',
            free,
          );
          expect(dirname(path)).toBe('/r');
          expect(basename(path)).not.toMatch(/[<>:"/\\|?*\p{Cc}]|^[\s.]/u);
          expect(Buffer.byteLength(basename(path))).toBeLessThanOrEqual(240);
        },
      ),
    );
  });
});
