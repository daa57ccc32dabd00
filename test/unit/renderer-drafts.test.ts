import { describe, expect, it } from 'vitest';
import { LiveEdits } from '../../renderer/actions/live-edits';
import { alphaOf, withAlpha } from '../../renderer/ui/color-field';
import { readNumber } from '../../renderer/ui/number-field';
import { readLayout } from '../../renderer/features/layout/layout-store';
import { positionSecAt } from '../../renderer/features/properties/playback-position';
import { searchCards } from '../../renderer/features/add-source/source-cards';

const value = (text: string, limits: { least: number; most: number; digits?: number }): number | string => {
  const reading = readNumber(text, limits);
  return reading.isValid ? reading.value : reading.expected;
};

describe('what is typed', () => {
  it('reads numbers as people write them, and says what it expected', () => {
    const limits = { least: -100, most: 100 };
    expect(value(' 12 ', limits)).toBe(12);
    expect(value('−12', limits)).toBe(-12);
    expect(value('1,5', { ...limits, digits: 1 })).toBe(1.5);
    for (const text of ['', 'abc', '1e1', '101', '1.5', 'NaN', 'Infinity', '-'])
      expect(value(text, limits)).toBe('Expected a whole number from -100 to 100.');
  });

  it('keeps an opaque colour in its short form', () => {
    expect(withAlpha('#112233', 0.5)).toBe('#11223380');
    expect(withAlpha('#11223380', 1)).toBe('#112233');
    expect(alphaOf('#11223300')).toBe(0);
    expect(alphaOf('#112233')).toBe(1);
  });

  it('finds sources by the words that people use', () => {
    expect(searchCards('webcam').map(({ id }) => id)).toContain('camera');
    expect(searchCards('OBS phone').map(({ id }) => id)).toEqual(['ingest']);
    expect(searchCards('quantum')).toEqual([]);
  });
});

describe('edits faster than the engine', () => {
  it('sends one at a time and of a gesture only the newest, in order', async () => {
    const sent: string[] = [];
    const answers: (() => void)[] = [];
    const edits = new LiveEdits((_edits, label) => {
      sent.push(label);
      return new Promise((resolve) => {
        answers.push(() => {
          resolve(null);
        });
      });
    });
    const settled: string[] = [];
    for (const [label, gesture] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['a3', 'a'],
      ['b', 'b'],
      ['c', undefined],
      ['d', undefined],
    ] as const)
      void edits.send([], label, gesture).then(() => settled.push(label));
    expect(sent).toEqual(['a1']);
    for (let answer = 0; answer < 5; answer++) {
      answers[answer]?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(sent).toEqual(['a1', 'a3', 'b', 'c', 'd']);
    // Who sent what was left out learns it when the newer one is in.
    expect(settled).toEqual(['a1', 'a2', 'a3', 'b', 'c', 'd']);
  });
});

describe('edits that stand on one another', () => {
  it('are made of what the one before them has changed, and nothing is sent of none', async () => {
    let name = 'first';
    const sent: string[] = [];
    const edits = new LiveEdits(async (edits) => {
      await new Promise((resolve) => setImmediate(resolve));
      for (const edit of edits) if (edit.type === 'collection.rename') sent.push((name = edit.name));
      return null;
    });
    const rename = (more: string) => () => [{ type: 'collection.rename' as const, name: `${name} ${more}` }];
    await Promise.all([
      edits.send(rename('second'), 'a'),
      edits.send(() => [], 'b'),
      edits.send(rename('third'), 'c'),
    ]);
    expect(sent).toEqual(['first second', 'first second third']);
  });
});

describe('the layout of the window', () => {
  it('reads whatever lies in the storage', () => {
    expect(readLayout('{"leftPx": 9999, "rightPx": "wide", "isMixerOpen": false}', 720)).toEqual({
      leftPx: 480,
      rightPx: null,
      isMixerOpen: false,
      isStatisticsOpen: false,
    });
    expect(readLayout('not json', 1080)).toMatchObject({ leftPx: null, isStatisticsOpen: true });
  });
});

describe('where a file is', () => {
  const playback = { durationSec: 10, positionSec: 8, at: 1000, isPaused: false };
  it('runs on, begins again in a loop, ends at the end, stands while paused', () => {
    expect(positionSecAt(playback, 2000, true)).toBe(9);
    expect(positionSecAt(playback, 5000, true)).toBe(2);
    expect(positionSecAt(playback, 5000, false)).toBe(10);
    expect(positionSecAt({ ...playback, isPaused: true }, 5000, true)).toBe(8);
    // A clock that differs a little must not show a time before the beginning.
    expect(positionSecAt({ ...playback, positionSec: 0 }, 900, true)).toBe(0);
  });
});
