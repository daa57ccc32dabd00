import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, beforeAll, afterAll } from 'vitest';
import type { OutputView, Snapshot } from '../../shared/contract/snapshot';
import { syncCollection } from '../support/collections';
import { commandLine, TestEngine } from '../support/engine';
import { NginxServer } from '../support/nginx-server';
import { probeFile } from '../support/probe';
import { requires } from '../support/requires';
import { waitFor } from '../support/wait-for';

const [width, height] = [640, 360];
const program = ['--size', `${width}x${height}`, '--bitrate', '1200'];
const small = { name: 'Small', width: 320, height: 180, maxFps: 30, bitrateKbps: 400 };

/** Within a tenth: beside other tests an encoder may have to leave some out. */
const nearly = (fps: number): unknown => expect.toSatisfy((found: number) => Math.abs(found / fps - 1) < 0.1);

const output = ({ outputs }: Snapshot, name: string): OutputView | undefined =>
  outputs.find((each) => each.name === name);

describe.skipIf(!requires('ffmpeg', 'nginx'))('a quality variant', () => {
  let folder: string;
  let platform: NginxServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'variant-'));
    platform = await NginxServer.start();
  });
  afterAll(async () => {
    await platform.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** width, and the usual time from one picture to the next */
  const received = (key: string): { width: number | undefined; stepMs: number } => {
    const path = join(folder, `${key}.flv`);
    writeFileSync(path, platform.recording(key));
    const { streams, packets } = probeFile(path);
    const video = streams.findIndex(({ codec }) => codec === 'h264');
    const times = packets.filter(({ stream }) => stream === video).map(({ pts }) => pts);
    const steps = times.sort((one, other) => one - other).map((pts, at) => pts - (times[at - 1] ?? 0));
    const usual = steps.sort((one, other) => one - other)[Math.floor(steps.length / 2)] ?? 0;
    return { width: streams[video]?.width, stepMs: Math.round(usual * 1000) };
  };

  it('goes to whom it was given, survives its encoder, and is encoded only while it is wanted', async () => {
    const collection = syncCollection(folder, width, height);
    await using engine = await TestEngine.ready([...program, '--collection', collection]);
    const encoders = (): number[] =>
      engine.children().filter((pid) => commandLine(pid).includes('scale=320:180'));
    await expect(engine.call('variant.save', { ...small, width: 1280, height: 720 })).rejects.toMatchObject({
      wire: { code: 'variant-larger' },
    });
    const { id: variantId } = await engine.call('variant.save', small);
    const url = platform.url;
    await engine.call('destination.add', { name: 'large', url, key: 'large' });
    const { id } = await engine.call('destination.add', { name: 'small', url, key: 'small', variantId });
    await expect(engine.call('variant.remove', { id: variantId })).rejects.toMatchObject({
      wire: { code: 'variant-in-use', details: { destinations: ['small'] } },
    });
    expect(encoders()).toEqual([]);

    const wantedAt = performance.now();
    await engine.call('live.start', {});
    await waitFor(() => encoders().length === 1, 'an encoder of the variant');
    await engine.until((now) => expect(output(now, 'small')?.bytes).toBeGreaterThan(0));
    // From nothing to the first picture on its way; twice that is for a machine that does much else.
    expect(performance.now() - wantedAt).toBeLessThan(4000);
    const running = await engine.until(({ variants }) =>
      expect(variants.list[0]).toMatchObject({ state: 'running', fps: 30, figures: { fps: nearly(30) } }),
    );
    expect(running.variants.list[0]?.figures?.corePercent).toBeGreaterThan(0);
    await waitFor(async () => (await engine.metric('rendition_fps{rendition="Small"}')) > 25, 'its metric');
    // Its size would be another stream to who watches; its bitrate is not.
    await expect(engine.call('variant.save', { ...small, id: variantId, width: 160 })).rejects.toMatchObject({
      wire: { code: 'on-air' },
    });
    await engine.call('variant.save', { ...small, id: variantId, bitrateKbps: 600 });

    const [former] = encoders();
    process.kill(former!, 'SIGKILL');
    await waitFor(() => encoders().some((pid) => pid !== former), 'another encoder of the variant');
    const sent = output(await engine.snapshot(), 'small')!.bytes;
    const after = await engine.until((now) =>
      expect(output(now, 'small')?.bytes).toBeGreaterThan(sent + 60_000),
    );
    expect(output(after, 'small')).toMatchObject({ reconnects: 0, status: { state: 'live' } });
    expect(output(after, 'large')).toMatchObject({ reconnects: 0, status: { state: 'live' } });
    const crash = after.notices.find(({ error }) => error.code === 'ffmpeg-crashed');
    expect(crash?.error.details).toMatchObject({ role: 'encoder of “Small”' });

    // The last one that wants it leaves: it goes, and the other has the program still.
    await engine.call('destination.stop', { id });
    await waitFor(() => encoders().length === 0, 'no encoder of the variant');
    await engine.until((now) => {
      expect(now.variants.list[0]).toMatchObject({ state: 'off', figures: null });
      expect(output(now, 'large')?.status.state).toBe('live');
    });
    await engine.call('live.stop', {});
    await waitFor(() => platform.unpublished.length === 2, 'both have left');
    expect(received('large')).toEqual({ width, stepMs: 17 });
    expect(received('small')).toEqual({ width: 320, stepMs: 33 });

    // Another program while the variant of the former one lingers: it is encoded from the new one the next time.
    await engine.call('destination.start', { id });
    await engine.until(({ variants }) => expect(variants.list[0]?.state).toBe('running'));
    await engine.call('live.stop', {});
    await engine.call('settings.update', { patch: { fps: 50 } });
    expect((await engine.snapshot()).variants.list[0]).toMatchObject({ state: 'off', fps: 25 });
    await waitFor(() => encoders().length === 0, 'no encoder of the former program');
    await engine.call('destination.start', { id });
    await engine.until(({ variants }) => {
      expect(variants.list[0]).toMatchObject({ state: 'running', figures: { fps: nearly(25) } });
    });
    await engine.call('live.stop', {});
    await engine.call('destination.remove', { id });
    await engine.call('variant.remove', { id: variantId });
    expect((await engine.snapshot()).variants.list).toEqual([]);
  });
});
