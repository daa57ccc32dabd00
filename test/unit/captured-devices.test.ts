import { describe, expect, it } from 'vitest';
import { newlyCaptured } from '../../electron/studio/captured-devices';
import { collectionSchema } from '../../shared/model/collection';
import type { Collection } from '../../shared/model/collection';

const showOf = (...sources: { kind: string; [setting: string]: unknown }[]): Collection =>
  collectionSchema.parse({
    version: 1,
    sources: sources.map((source, at) => ({ id: `source-${at}`, name: 'Mine', ...source })),
    scenes: [{ id: 's', name: 'S', items: [] }],
  });
const device = (id: string, name: string) => ({ device: { id, name } });

describe('what a show would begin to capture', () => {
  it('is every device it names, once, as people know it', () => {
    const show = showOf(
      { kind: 'microphone', ...device('default', '') },
      { kind: 'microphone', ...device('default', 'The same') },
      { kind: 'desktop-sound', ...device('default', 'Loudspeaker') },
      { kind: 'screen', ...device('x11:HDMI-1', 'Big screen') },
      { kind: 'screen', ...device('x11:window:Mail:', '') },
      { kind: 'screen', ...device('x11:window:Editor:draft', 'draft') },
      { kind: 'camera', ...device('v4l2:cam', 'Webcam') },
    );
    expect(newlyCaptured(show, showOf())).toEqual([
      { kind: 'microphone', name: 'The same' },
      { kind: 'desktop-sound', name: 'Loudspeaker' },
      { kind: 'screen', name: 'Big screen' },
      { kind: 'window', name: 'Mail' },
      { kind: 'window', name: 'Editor: draft' },
      { kind: 'camera', name: 'Webcam' },
    ]);
  });

  it('is nothing that is captured already, that a page captures, or that this version cannot open', () => {
    const microphone = { kind: 'microphone', ...device('a', 'A') };
    const show = showOf(
      ...[microphone, { kind: 'browser-capture', capture: 'camera' }, { kind: 'text', text: 'T' }],
      ...[
        { kind: 'screen', device: 'of another version' },
        { kind: 'ingest', keyId: 'k' },
      ],
    );
    expect(newlyCaptured(show, showOf(microphone))).toEqual([]);
    // Another kind is another matter.
    expect(newlyCaptured(show, showOf({ ...microphone, kind: 'desktop-sound' }))).toHaveLength(1);
  });
});
