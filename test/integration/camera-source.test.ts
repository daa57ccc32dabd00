import { describe, expect, it } from 'vitest';
import { cameraSourceSchema } from '../../shared/model/source';
import { CameraSource } from '../../electron/streaming/sources/camera-source';
import type { CapturePlan } from '../../electron/streaming/sources/capture-process';
import { toI420 } from '../../electron/streaming/sources/capture-process';
import { testBuilds } from '../support/ffmpeg-builds';
import { NewestReader } from '../support/newest-reader';
import { ShellProgram } from '../support/shell-program';
import { plainRequest, testContext } from '../support/source-bench';
import { waitFor } from '../support/wait-for';

const never = new AbortController().signal;
const builds = await testBuilds();

/** A camera whose input is made by FFmpeg itself; everything behind the arguments is the real thing. */
class StandInCamera extends CameraSource {
  input: string[] | null = null;

  protected override plan(settings: ReturnType<typeof cameraSourceSchema.parse>): CapturePlan {
    if (!this.input) return super.plan(settings);
    return { name: 'Stand-in', input: this.input, filter: toI420, size: null };
  }
}

const cameraOf = (color: string, size: string): string[] => [
  '-re',
  '-f',
  'lavfi',
  '-i',
  `color=c=${color}:s=${size}:r=15`,
];

describe.each(builds)('a camera through FFmpeg $version', (ffmpeg) => {
  it('tells its own size, is tried again when it ends, and its colours are true', async () => {
    const context = { ...testContext(), ffmpeg };
    const settings = cameraSourceSchema.parse({
      ...{ id: 'c', name: 'Camera', kind: 'camera' },
      device: { id: 'v4l2:/dev/none', name: 'HD Webcam' },
    });
    const camera = new StandInCamera(settings, context);
    await camera.start();
    const card = await camera.picture(plainRequest, never);
    expect(card.content.type).toBe('tile');
    expect(camera.state.error).toEqual({ code: 'device-missing', details: { name: 'HD Webcam' } });

    camera.input = cameraOf('0x00ff00', '161x90');
    expect(camera.update({ ...settings, mode: { width: 160, height: 90, fps: 15 } })).toBe(true);
    await waitFor(() => camera.size !== null, 'a picture');
    expect(camera.size).toEqual({ width: 160, height: 90 });
    const picture = await camera.picture(plainRequest, never);
    card.release();
    // BT.709 limited: 173, 42, 26
    const green = new NewestReader(picture, context.arena).look().at(80, 45);
    expect(green.map((value, index) => Math.abs(value - ([173, 42, 26][index] ?? 0)) <= 2)).toEqual([
      true,
      true,
      true,
    ]);
    expect(camera.state.state).toBe('ok');

    // It dies, and comes back by itself, as another size.
    camera.input = cameraOf('red', '80x60');
    const [pid] = camera.pids;
    process.kill(pid ?? 0, 'SIGKILL');
    await waitFor(() => camera.size?.width === 80, 'its return');
    picture.release();
    await camera.stop();
    expect(camera.pids).toEqual([]);
    expect(context.arena.live.size).toBe(0);
  }, 30_000);

  it('is not asked for again before the one who had it has let go', async () => {
    // As a driver lets one program have a camera at a time, and takes its time to close it.
    using oneAtATime = new ShellProgram(`
      if [ -e "$HERE/owner" ] && kill -0 "$(cat "$HERE/owner")" 2>/dev/null; then
        echo '/dev/video0: Device or resource busy' >&2
        exit 1
      fi
      echo $$ > "$HERE/owner"
      '${ffmpeg.path}' "$@" &
      trap "kill -KILL $!; sleep 0.3; exit 0" TERM
      wait $!
    `);
    const context = { ...testContext(), ffmpeg: { ...ffmpeg, path: oneAtATime.path } };
    const settings = cameraSourceSchema.parse({
      ...{ id: 'c', name: 'Camera', kind: 'camera' },
      device: { id: 'v4l2:/dev/video0', name: 'HD Webcam' },
    });
    await using camera = new StandInCamera(settings, context);
    camera.input = cameraOf('0x00ff00', '160x90');
    await camera.start();
    const errors: unknown[] = [];
    camera.onStateChanged(({ error }) => error && errors.push(error));
    const picture = await camera.picture(plainRequest, never);
    const first = oneAtATime.read('owner');
    picture.release();
    await waitFor(() => camera.state.state === 'idle', 'it to be let go');
    const again = await camera.picture(plainRequest, never);
    expect(again.content.type).toBe('live');
    expect(errors).toEqual([]);
    expect(oneAtATime.read('owner')).not.toBe(first);
    again.release();
  }, 30_000);
});
