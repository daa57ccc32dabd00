import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { defaultSound } from '../../shared/model/sound';
import type { Picture } from '../../electron/streaming/interfaces/layer';
import { MediaSource } from '../../electron/streaming/sources/media-source';
import { makeSyncClip } from '../support/media-fixtures';
import { plainRequest, playOffline, RingReader, testContext } from '../support/source-bench';
import type { PlayedFrame } from '../support/source-bench';
import { findBeeps } from '../support/sync-reader';
import { waitFor } from '../support/wait-for';

const fps = 30;
const samplesPerFrame = 48_000 / fps;
let folder = '';
let path = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'media-control-'));
  path = join(folder, 'four.mp4');
  await makeSyncClip({ path, seconds: 4, fps });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const settingsOf = (loop: boolean) =>
  ({ id: 'm', name: 'Clip', kind: 'media', path, loop, sound: defaultSound }) as const;

/** A clip that plays, and who looks at it as the compositor does: with the newest picture it was given. */
async function openClip(loop = true) {
  const context = testContext({ fps });
  const source = new MediaSource(settingsOf(loop), context);
  await source.start();
  let changes = 0;
  source.onChanged(() => (changes += 1));
  let picture: Picture | undefined;
  const look = async (): Promise<RingReader> => {
    const next = await source.picture(plainRequest, AbortSignal.timeout(20_000));
    picture?.release();
    picture = next;
    if (next.content.type !== 'live') throw new Error('expected moving pictures');
    return new RingReader(next.content.ring, context);
  };
  const playFor = async (reader: RingReader, frames: number) => {
    const played = await playOffline(source, reader, context, frames);
    context.position.frame += 1;
    return played;
  };
  return {
    source,
    context,
    look,
    playFor,
    changes: () => changes,
    close: async () => {
      await source.stop();
      picture?.release();
      await waitFor(() => context.arena.live.size === 0, 'the arena to be empty again');
    },
  };
}
type Clip = Awaited<ReturnType<typeof openClip>>;

let clip: Clip;
beforeEach(async () => {
  clip = await openClip();
});
afterEach(() => clip.close());

const counters = (seen: readonly PlayedFrame[]): (number | null)[] => seen.map(({ counter }) => counter);
const isSilent = (samples: Float32Array): boolean => samples.every((sample) => sample === 0);

/** Where in the file the beeps are, seconds, by the picture that is shown with them. */
function beepSeconds({ seen, sound, firstSample }: Awaited<ReturnType<Clip['playFor']>>): number[] {
  return findBeeps(sound).map((sample) => {
    const frame = (firstSample + sample) / samplesPerFrame;
    const shown = seen.find((each) => each.frame === Math.floor(frame));
    return ((shown?.counter ?? -999) + (frame % 1)) / fps;
  });
}

it('stands still at one picture in silence, and goes on with the next one', async () => {
  const reader = await clip.look();
  await clip.playFor(reader, reader.ring.startFrame + 20);
  clip.source.playback.pause();
  expect(clip.changes()).toBeGreaterThan(0);
  const held = await clip.look();
  const still = await clip.playFor(held, 40);
  // A pause takes effect two frames later, so that the compositor surely knows of it.
  expect(counters(still.seen).slice(0, 3)).toEqual([20, 21, 22]);
  expect(new Set(counters(still.seen).slice(3))).toEqual(new Set([22]));
  expect(isSilent(still.sound.subarray(4 * samplesPerFrame * 2))).toBe(true);
  expect(clip.source.playback.position).toMatchObject({ isPaused: true });
  expect(clip.source.playback.position.positionSec).toBeCloseTo(22 / fps, 2);

  clip.source.playback.play();
  const again = await clip.playFor(await clip.look(), 75);
  const moving = counters(again.seen).filter((counter) => counter !== 22);
  expect(moving).toEqual(Array.from(moving, (_, index) => 23 + index));
  expect(moving.length).toBeGreaterThan(60);
  // Sound and picture are still together: beeps at whole seconds of the file.
  const beeps = beepSeconds(again);
  expect(beeps.length).toBeGreaterThanOrEqual(2);
  for (const second of beeps) expect(Math.abs(second - Math.round(second))).toBeLessThan(0.03);
  expect(clip.source.playback.position.isPaused).toBe(false);
});

it('goes to another place, sound and picture together, while the old picture stays', async () => {
  const reader = await clip.look();
  await clip.playFor(reader, reader.ring.startFrame + 10);
  const before = clip.changes();
  clip.source.playback.seek(2.5);
  await waitFor(() => clip.changes() > before, 'the new place');
  const next = await clip.look();
  const played = await clip.playFor(next, next.ring.startFrame - clip.context.position.frame + 40);
  const shown = counters(played.seen);
  expect(Math.abs((shown[0] ?? -99) - 75)).toBeLessThanOrEqual(1);
  expect(beepSeconds(played).map((second) => Math.abs(second - 3) < 0.04)).toEqual([true]);
  expect(clip.source.playback.position.durationSec).toBeCloseTo(4, 1);
});

it('shows the picture of another place while it is paused, and goes on from there', async () => {
  const reader = await clip.look();
  await clip.playFor(reader, reader.ring.startFrame + 10);
  clip.source.playback.pause();
  const before = clip.changes();
  clip.source.playback.seek(3);
  expect(clip.source.playback.position).toMatchObject({ positionSec: 3, isPaused: true });
  await waitFor(() => clip.changes() > before, 'the new place');
  const next = await clip.look();
  const still = await clip.playFor(next, next.ring.startFrame - clip.context.position.frame + 20);
  expect(new Set(counters(still.seen))).toEqual(new Set([90]));
  expect(isSilent(still.sound.subarray(4 * samplesPerFrame * 2))).toBe(true);
  clip.source.playback.play();
  const again = await clip.playFor(await clip.look(), 20);
  expect(counters(again.seen).at(-1)).toBeGreaterThan(100);
});

it('follows a change of its loop without a new decoder, and begins anew when it is over', async () => {
  const reader = await clip.look();
  expect(clip.source.update(settingsOf(false))).toBe(true);
  await clip.playFor(reader, reader.ring.startFrame + 130);
  expect(reader.hasEnded).toBe(true);
  expect(clip.source.playback.position).toMatchObject({ isPaused: true });
  const before = clip.changes();
  clip.source.playback.play();
  await waitFor(() => clip.changes() > before, 'the beginning');
  const next = await clip.look();
  const played = await clip.playFor(next, next.ring.startFrame - clip.context.position.frame + 10);
  expect(counters(played.seen)[0]).toBe(0);
});

it('goes to the last picture when asked for a place beyond the end', async () => {
  const reader = await clip.look();
  await clip.playFor(reader, reader.ring.startFrame + 5);
  const before = clip.changes();
  clip.source.playback.pause();
  clip.source.playback.seek(1000);
  await waitFor(() => clip.changes() > before + 1, 'the new place');
  const next = await clip.look();
  const { seen } = await clip.playFor(next, next.ring.startFrame - clip.context.position.frame + 5);
  expect(seen.at(-1)?.counter).toBeGreaterThan(113);
});

it('says that its file was deleted when it needs it again, and is back when it is', async () => {
  const reader = await clip.look();
  await clip.playFor(reader, reader.ring.startFrame + 5);
  renameSync(path, `${path}.away`);
  try {
    clip.source.playback.seek(1);
    await waitFor(() => clip.source.state.error?.code === 'source-file-missing', 'the error');
  } finally {
    renameSync(`${path}.away`, path);
  }
  const before = clip.changes();
  await waitFor(() => clip.changes() > before, 'the file to be found again');
  await clip.look();
  expect(clip.source.state.state).toBe('ok');
});
