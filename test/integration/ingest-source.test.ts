import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstSampleOfFrame } from '../../electron/streaming/interfaces/audio-input';
import type { Picture } from '../../electron/streaming/interfaces/layer';
import { Emitter } from '../../electron/streaming/lib/emitter';
import { IngestSource } from '../../electron/streaming/sources/ingest-source';
import type { IncomingStreams } from '../../electron/streaming/sources/source';
import { ingestSourceSchema } from '../../shared/model/source';
import { testBuilds } from '../support/ffmpeg-builds';
import { NewestReader } from '../support/newest-reader';
import { Obs } from '../support/obs';
import { programPath, requires } from '../support/requires';
import { startRtmpServer } from '../support/rtmp-server';
import type { TestServer } from '../support/rtmp-server';
import { plainRequest, testContext } from '../support/source-bench';
import type { TestContext } from '../support/source-bench';
import { waitFor } from '../support/wait-for';

const never = new AbortController().signal;
const patience = 20_000;
const isReady = requires('ffmpeg');
const hasObs = isReady && requires('obs', 'Xvfb');
const [ffmpeg] = isReady ? await testBuilds() : [];

/** What the RTMP server says, as the studio's own implementation reads it from its state. */
class ServedStreams implements IncomingStreams {
  readonly #served: TestServer;
  readonly #events = new Emitter<{ changed: undefined }>();
  readonly names = new Map<string, string>();

  constructor(served: TestServer) {
    this.#served = served;
    served.server.events.on('changed', () => this.#events.emit('changed', undefined));
  }

  urlOf(keyId: string): string | null {
    const name = this.names.get(keyId);
    const isPublished = this.#served.server.activeStreams().some((stream) => stream.name === name);
    return isPublished ? `rtmp://127.0.0.1:${this.#served.server.port}/live/${name}` : null;
  }

  keyName(keyId: string): string | null {
    return this.names.has(keyId) ? 'Phone' : null;
  }

  onChanged(listener: () => void): () => void {
    return this.#events.on('changed', listener);
  }
}

describe.skipIf(!isReady)('what another encoder publishes', () => {
  let served: TestServer;
  let context: TestContext;
  let source: IngestSource;
  let key: string;
  let publishers: ChildProcess[];
  let mixing: NodeJS.Timeout;
  /** what was mixed last, one entry a tick: level of the tone, and when */
  let levels: { peak: number; atMs: number }[];

  beforeEach(async () => {
    if (!ffmpeg) return;
    served = await startRtmpServer();
    const made = await served.keys.add('Phone');
    key = made.key;
    const incoming = new ServedStreams(served);
    incoming.names.set(made.id, made.publicName);
    context = { ...testContext({ fps: 30 }), ffmpeg, incoming };
    publishers = [];
    source = new IngestSource(
      ingestSourceSchema.parse({ id: 'i', name: 'My phone', kind: 'ingest', keyId: made.id }),
      context,
    );
    levels = [];
    // The program's clock: a mixer that pulls thirty times a second.
    let frame = 0;
    mixing = setInterval(() => {
      const first = firstSampleOfFrame(frame, 30);
      const block = new Float32Array((firstSampleOfFrame((frame += 1), 30) - first) * 2);
      source.audio.render(first, block);
      levels.push({ peak: Math.max(...block.map(Math.abs)), atMs: performance.now() });
    }, 1000 / 30);
    await source.start();
  });
  afterEach(async () => {
    clearInterval(mixing);
    await source.stop();
    for (const publisher of publishers) publisher.kill('SIGKILL');
    await served[Symbol.asyncDispose]();
  });

  /** A picture that flashes white for a tenth of each second, with a tone at the same time. */
  function publish(size: string, extra: { hasSound?: boolean } = {}): ChildProcess {
    const { hasSound = true } = extra;
    const flash = `color=c=black:s=${size}:r=30,drawbox=c=white:t=fill:enable='lt(mod(t,1),0.1)'`;
    const tone = `aevalsrc='if(lt(mod(t,1),0.1),0.5*sin(2*PI*1000*t),0)':s=48000:c=stereo`;
    const publisher = spawn(
      programPath('ffmpeg'),
      [
        ...['-v', 'error', '-re', '-f', 'lavfi', '-i', flash],
        ...(hasSound ? ['-re', '-f', 'lavfi', '-i', tone, '-c:a', 'aac', '-b:a', '128k'] : []),
        ...[
          '-c:v',
          'libx264',
          '-preset',
          'ultrafast',
          '-tune',
          'zerolatency',
          '-pix_fmt',
          'yuv420p',
          '-g',
          '30',
        ],
        ...['-f', 'flv', `rtmp://127.0.0.1:${served.server.port}/live/${key}`],
      ],
      { stdio: 'ignore' },
    );
    publishers.push(publisher);
    return publisher;
  }

  const isLive = ({ content }: Picture): boolean => content.type === 'live';
  async function asked(): Promise<Picture> {
    const picture = await source.picture(plainRequest, never);
    picture.release();
    return picture;
  }

  it('is a card until somebody publishes, then picture and sound in step, a card within a second after, and back', async () => {
    const card = await source.picture(plainRequest, never);
    expect(isLive(card)).toBe(false);
    expect(source.state.error).toEqual({ code: 'ingest-silent', details: { key: 'Phone' } });
    const first = publish('320x180');
    await waitFor(async () => isLive(await asked()), 'the first picture', patience);
    const picture = await source.picture(plainRequest, never);
    card.release();
    expect(source.state.state).toBe('ok');
    expect(picture.size).toEqual({ width: 320, height: 180 });

    // Flash and tone begin together, as they were sent.
    const reader = new NewestReader(picture, context.arena);
    const flashes: number[] = [];
    let wasWhite = true;
    await waitFor(
      () => {
        const isWhite = (reader.look().at(160, 90)[0] ?? 0) > 128;
        if (isWhite && !wasWhite) flashes.push(performance.now());
        wasWhite = isWhite;
        return flashes.length >= 3;
      },
      'three flashes',
      { deadlineMs: patience, pollMs: 3 },
    );
    const beeps = levels.flatMap(({ peak, atMs }, index) =>
      peak > 0.2 && index > 0 && (levels[index - 1]?.peak ?? 0) <= 0.2 ? [atMs] : [],
    );
    const offsets = flashes
      .slice(1)
      .map((at) => Math.min(...beeps.map((beep) => Math.abs(beep - at))))
      .sort((a, b) => a - b);
    // A tick of the mixer and one of the picture are in it.
    expect(offsets[0]).toBeLessThan(67);
    expect(Math.max(...levels.map(({ peak }) => peak))).toBeCloseTo(0.5, 1);

    first.kill('SIGKILL');
    const goneAtMs = performance.now();
    await waitFor(async () => !isLive(await asked()), 'the card', patience);
    expect(performance.now() - goneAtMs).toBeLessThan(1000);
    expect(source.state.error?.code).toBe('ingest-silent');
    await waitFor(() => levels.slice(-15).every(({ peak }) => peak === 0), 'silence', patience);

    publish('640x360');
    await waitFor(async () => (await asked()).size?.width === 640, 'another picture', patience);
    await waitFor(() => levels.slice(-30).some(({ peak }) => peak > 0.4), 'its tone', patience);
    picture.release();
    await source.stop();
    expect(context.arena.live.size).toBe(0);
  }, 60_000);

  it('is a card within a second when its network is gone, until it is back', async () => {
    const card = await source.picture(plainRequest, never);
    const publisher = publish('320x180');
    await waitFor(async () => isLive(await asked()), 'the first picture', patience);
    const states: string[] = [];
    source.onStateChanged(({ state }) => states.push(state));
    // Nothing comes any more, and no word of it: as from a phone that loses its network.
    publisher.kill('SIGSTOP');
    const goneAtMs = performance.now();
    await waitFor(async () => !isLive(await asked()), 'the card', patience);
    expect(performance.now() - goneAtMs).toBeLessThan(1000);
    expect(source.state.error).toEqual({ code: 'ingest-stalled', details: { key: 'Phone' } });
    // For as long as it lasts nothing of it is shown again.
    while (performance.now() - goneAtMs < 6500) {
      expect(isLive(await asked())).toBe(false);
      await delay(20);
    }
    expect(new Set(states)).toEqual(new Set(['failed']));
    publisher.kill('SIGCONT');
    await waitFor(async () => isLive(await asked()), 'its picture again', patience);
    expect(source.state.state).toBe('ok');
    await waitFor(() => levels.slice(-30).some(({ peak }) => peak > 0.4), 'its tone', patience);
    card.release();
  }, 60_000);

  it('is the next one with its key soon after it has fallen silent', async () => {
    const card = await source.picture(plainRequest, never);
    const publisher = publish('320x180');
    await waitFor(async () => isLive(await asked()), 'the first picture', patience);
    publisher.kill('SIGSTOP');
    const goneAtMs = performance.now();
    // As an encoder does: it is refused at first, and tries again.
    let next = publish('160x90');
    await waitFor(
      async () => {
        if (next.exitCode !== null) next = publish('160x90');
        return (await asked()).size?.width === 160;
      },
      'the picture of the next one',
      patience,
    );
    expect(performance.now() - goneAtMs).toBeLessThan(8000);
    expect(source.state.state).toBe('ok');
    card.release();
  }, 60_000);

  it('needs no sound', async () => {
    publish('160x90', { hasSound: false });
    const card = await source.picture(plainRequest, never);
    await waitFor(() => source.size !== null, 'the picture', patience);
    const picture = await source.picture(plainRequest, never);
    card.release();
    const reader = new NewestReader(picture, context.arena);
    const seen = new Set<boolean>();
    await waitFor(() => seen.add((reader.look().at(80, 45)[0] ?? 0) > 128).size === 2, 'a flash', patience);
    picture.release();
  }, 40_000);

  it.skipIf(!hasObs)(
    'may be OBS',
    async () => {
      await using _obs = await Obs.publish(
        { url: `rtmp://127.0.0.1:${served.server.port}/live`, key },
        { w: 320, h: 180 },
      );
      const card = await source.picture(plainRequest, never);
      await waitFor(() => source.size !== null, 'its picture', 40_000);
      const picture = await source.picture(plainRequest, never);
      card.release();
      const reader = new NewestReader(picture, context.arena);
      // Red, in BT.709 limited.
      const isRed = ([y = 0, u = 0, v = 0]: readonly number[]): boolean =>
        Math.abs(y - 63) <= 4 && Math.abs(u - 102) <= 4 && Math.abs(v - 240) <= 4;
      await waitFor(() => isRed(reader.look().at(40, 40)), 'its red', patience);
      const seen = reader.look();
      expect([seen.width, seen.height]).toEqual([320, 180]);
      expect(seen.at(300, 170)).toSatisfy(isRed);
      expect(source.state.state).toBe('ok');
      picture.release();
    },
    80_000,
  );
});
