import { describe, expect, it } from 'vitest';
import { recordingStory } from '../../renderer/features/recordings/recording-story';
import { ChartMarks, marksBetween } from '../../renderer/store/chart-marks';
import { createStudioStore } from '../../renderer/store/studio-store';
import type { Snapshot } from '../../shared/contract/snapshot';
import { believableRecording, believableSnapshot } from '../support/contract-peer-state';

type HandOver = Snapshot['program']['handOvers'][number];
const handOver = (at: number, given: Partial<HandOver> = {}): HandOver => ({
  ...{ at, cause: 'planned', from: 'veryfast', to: 'veryfast', bitrateKbps: 3000, gapMs: 17, lostFrames: 0 },
  ...given,
});

describe('marks on the charts', () => {
  const before = believableSnapshot();
  const showing = (handOvers: HandOver[], reconnects = 0): Snapshot => ({
    ...before,
    program: { ...before.program, handOvers },
    outputs: before.outputs.map((output) => ({ ...output, reconnects: output.reconnects + reconnects })),
  });

  it('say what took over from what, and who came back', () => {
    const now = showing([
      handOver(1000),
      handOver(2000, { to: 'superfast' }),
      handOver(3000, { cause: 'crash', lostFrames: 16 }),
    ]);
    expect(marksBetween(before, now, 9)).toEqual([
      { atSec: 1, kind: 'planned', text: 'Encoder: 3000 kbit/s' },
      { atSec: 2, kind: 'planned', text: 'Encoder: superfast' },
      { atSec: 3, kind: 'trouble', text: 'Encoder restarted, 16 frames lost' },
    ]);
    expect(marksBetween(now, now, 9)).toEqual([]);
    const back = marksBetween(now, showing(now.program.handOvers, 1), 9);
    expect(back.map(({ text }) => text)).toEqual(before.outputs.map(({ name }) => `${name} reconnected`));
    expect(back.every(({ atSec, kind }) => atSec === 9 && kind === 'trouble')).toBe(true);
  });

  it('are kept for as long as charts go back, and found where the pointer is', () => {
    const store = createStudioStore();
    const marks = new ChartMarks();
    marks.follow(store);
    const nowMs = Date.now();
    store.setSnapshot(showing([handOver(nowMs - 400_000), handOver(nowMs - 10_000), handOver(nowMs - 4000)]));
    expect(marks.marks.map(({ atSec }) => atSec)).toEqual([(nowMs - 10_000) / 1000, (nowMs - 4000) / 1000]);
    expect(marks.near(nowMs / 1000 - 9, 2)).toBe(marks.marks[0]);
    expect(marks.near(nowMs / 1000 - 5, 2)).toBe(marks.marks[1]);
    expect(marks.near(nowMs / 1000, 2)).toBeNull();
  });
});

it('tells what became of a recording', () => {
  const entry = believableRecording('a', 'a.mp4', 0);
  expect(recordingStory(entry)).toEqual({ tone: 'calm', word: 'Finished', story: null });
  expect(recordingStory({ ...entry, reason: 'the disk is full' }).story).toBe(
    'It ended early: the disk is full.',
  );
  const repaired = recordingStory({ ...entry, state: 'repaired', repair: { at: 1, cutBytes: 183_204 } });
  expect(repaired.story).toContain('the last 183.2 kB, which were being written, were taken away');
  expect(recordingStory({ ...entry, state: 'unfinished' }).story).toContain('It plays as it is');
  expect(recordingStory({ ...entry, state: 'broken', reason: 'no picture came' })).toMatchObject({
    ...{ tone: 'air', story: 'There is nothing to play: no picture came.' },
  });
});
