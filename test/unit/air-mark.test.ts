import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeError } from '../../shared/contract/error-text';
import type { OutputView } from '../../shared/contract/snapshot';
import { settingsSchema } from '../../shared/contract/settings';
import { AirMark } from '../../electron/studio/air-mark';
import { parseCommandLine } from '../../electron/studio/options';
import { programFormat } from '../../electron/studio/program-format';
import { initialSnapshot } from '../../electron/studio/snapshot';
import { StudioState } from '../../electron/studio/state';

const output = (name: string, kind: OutputView['kind']): OutputView => ({
  ...{ id: name, name, kind, url: 'rtmp://h/a', serviceId: null, hasKey: true, user: null },
  ...{ status: { state: 'idle' }, bytes: 0, droppedFrames: 0, reconnects: 0 },
  ...{ congestion: 0, isEnabled: true, isWanted: true, delaySec: 0, isAdaptive: false },
  ...{ variantId: null, nearest: null },
});
const recording = {
  state: 'recording',
  path: '/r/a.mp4',
  since: 1,
  bytes: 1,
  error: null,
  freeBytes: 9,
  silentFolder: null,
  alarm: null,
} as const;

describe('the mark of being on air', () => {
  let folder: string;
  let path: string;
  let state: StudioState;
  let mark: AirMark;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mark-'));
    path = join(folder, 'on-air.json');
    const line = parseCommandLine([]);
    if (line.command !== 'run') throw new Error('no options');
    const ffmpeg = { path: '/f', origin: 'PATH', version: '5', encoders: [], hasFpsMode: true } as const;
    state = new StudioState(
      initialSnapshot(line.options, programFormat(settingsSchema.parse({}), {}), '/data', ffmpeg),
    );
    state.set('outputs', [
      output('local', 'local'),
      output('One', 'destination'),
      output('Two', 'destination'),
    ]);
    mark = new AirMark(path);
    expect(mark.take()).toBeNull();
    mark.follow(state);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is there while live or recording, and told once to the next engine', async () => {
    expect(existsSync(path)).toBe(false);
    state.set('live', { isLive: true, since: 1 });
    // Written while the program goes on, not in its way.
    expect(existsSync(path)).toBe(false);
    state.set('recording', recording);
    await mark.written();
    expect(new AirMark(path).take()).toEqual({ destinations: ['One', 'Two'], recording: '/r/a.mp4' });
    // One that a person has off is not taken up again.
    state.set('outputs', [
      output('One', 'destination'),
      { ...output('Two', 'destination'), isWanted: false },
    ]);
    await mark.written();
    expect(new AirMark(path).take()).toMatchObject({ destinations: ['One'] });
    expect(new AirMark(path).take()).toBeNull();
  });

  it('is told in a sentence of what was going on, and what to do about it', () => {
    const told = (destinations: string[], recording: string | null, isLiveAgain = false): string[] =>
      Object.values(
        describeError({ code: 'air-cut-off', details: { destinations, recording, isLiveAgain } }),
      );
    const again = 'It was started again, and your show is as it was.';
    expect(told(['One', 'Two'], null)).toEqual([
      `The studio’s engine ended unexpectedly while you were live on One, Two. ${again}`,
      'Your viewers see nothing: press Go live to be back.',
    ]);
    expect(told([], '/r/a.mp4')).toEqual([
      `The studio’s engine ended unexpectedly while it recorded to /r/a.mp4. ${again}`,
      'The recording plays up to its last second: press Record to begin another.',
    ]);
    expect(told(['One'], '/r/a.mp4', true)).toEqual([
      `The studio’s engine ended unexpectedly while you were live on One and while it recorded to /r/a.mp4. ${again}`,
      'It is going live again by itself. The recording plays up to its last second: press Record to begin another.',
    ]);
  });

  it('goes when nothing goes out any more', async () => {
    state.set('recording', recording);
    await mark.written();
    expect(existsSync(path)).toBe(true);
    state.set('recording', { ...recording, state: 'idle' });
    await mark.written();
    expect(existsSync(path)).toBe(false);
    // Whatever follows upon what: the last counts.
    state.set('recording', recording);
    state.set('recording', { ...recording, state: 'idle' });
    await mark.written();
    expect(existsSync(path)).toBe(false);
  });

  it('goes at an end by will, and stays at an end in trouble', async () => {
    state.set('live', { isLive: true, since: 1 });
    await mark.leave();
    state.set('live', { isLive: false, since: null });
    await mark.written();
    expect(existsSync(path)).toBe(true);
    await mark.end();
    expect(existsSync(path)).toBe(false);
    state.set('live', { isLive: true, since: 2 });
    await mark.written();
    expect(existsSync(path)).toBe(false);
  });

  it('costs nothing where it cannot be written, and what is no mark says nothing', async () => {
    mkdirSync(path);
    state.set('live', { isLive: true, since: 1 });
    await mark.written();
    rmSync(path, { recursive: true });
    writeFileSync(path, '{"version":1,"destinations":3}');
    expect(new AirMark(path).take()).toBeNull();
    expect(existsSync(path)).toBe(false);
  });
});
