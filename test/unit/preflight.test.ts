import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { preflightCheckSchema } from '../../shared/contract/preflight';
import { isBlack, PictureProbe } from '../../electron/studio/picture-probe';
import { blockingError, preflight } from '../../electron/studio/preflight';
import type { PreflightFacts } from '../../electron/studio/preflight';
import { UploadRecord } from '../../electron/studio/upload-record';
import { good, own, twitch } from '../support/preflight-facts';

const troubles = (facts: Partial<PreflightFacts>): string[] =>
  preflight({ ...good, ...facts }).flatMap(({ result, error }) =>
    result === 'ok' ? [] : [`${result} ${error?.code ?? ''}`],
  );

describe('the checks before going live', () => {
  it('find nothing on a good show, and say of each thing what was found', () => {
    const checks = preflight(good);
    expect(checks.map(({ subject, result }) => `${subject} ${result}`)).toEqual([
      ...['destination ok', 'bitrate ok', 'keyframes ok', 'encoder ok', 'upload ok', 'disk ok'],
      ...['microphone ok', 'scene ok'],
    ]);
    for (const check of checks) {
      expect(preflightCheckSchema.parse(check)).toEqual(check);
      expect(check.finding).toMatch(/^[A-Z“].*\.$/);
    }
    expect(checks[3]?.finding).toContain('50 % to spare when it was measured');
    expect(checks[5]?.finding).toContain('36 h');
  });

  it.each<[string, Partial<PreflightFacts>, string[]]>([
    ['nowhere to go', { destinations: [] }, ['blocked destination-missing']],
    [
      'nobody taken along',
      { destinations: [{ ...twitch, isEnabled: false }] },
      ['blocked destination-none-enabled'],
    ],
    [
      'a missing key of one that stays behind',
      { destinations: [twitch, { ...own, hasKey: false, isEnabled: false }] },
      [],
    ],
    ['a missing key', { destinations: [{ ...twitch, hasKey: false }] }, ['blocked key-missing']],
    [
      'too much for the service',
      { program: { ...good.program, videoKbps: 6001 }, upload: null },
      ['warning bitrate-too-high'],
    ],
    [
      'a service known by its address alone',
      {
        destinations: [{ ...twitch, serviceId: null }],
        program: { ...good.program, videoKbps: 9000 },
        upload: null,
      },
      ['warning bitrate-too-high'],
    ],
    [
      'more sound than the service takes',
      { program: { ...good.program, audioKbps: 321 }, upload: null },
      ['warning sound-bitrate-too-high'],
    ],
    [
      'more pictures than the service takes',
      { program: { ...good.program, fps: 120 }, encoder: { ...good.encoder, measuredFps: 180 } },
      ['warning rate-too-high'],
    ],
    ['keyframes a hair apart, as NTSC has them', { keyframeSec: 60 / (30_000 / 1001) }, []],
    ['keyframes too far apart', { keyframeSec: 2.5 }, ['warning keyframes-too-rare']],
    ['frames left out', { recent: { laggedShare: 0, skippedShare: 0.02 } }, ['warning frames-skipped']],
    ['frames repeated', { recent: { laggedShare: 0.02, skippedShare: 0 } }, ['warning compositor-behind']],
    [
      'an encoder that is too slow when measured',
      { encoder: { ...good.encoder, measuredFps: 40 } },
      ['warning profile-too-slow'],
    ],
    [
      'the last step of encoders being too slow',
      { encoder: { ...good.encoder, isFastEnough: false } },
      ['warning profile-too-slow'],
    ],
    [
      'a connection that carried less',
      { upload: { bestKbps: 5000, limitKbps: 4800 } },
      ['warning upload-too-small'],
    ],
    [
      'a disk that does not answer',
      { disk: { ...good.disk, freeBytes: null, silentFolder: '/recordings' } },
      ['warning folder-silent'],
    ],
    ['little room', { disk: { ...good.disk, freeBytes: 1e9 } }, ['warning disk-low']],
    [
      'a silent microphone',
      { microphones: [{ name: 'Yeti', isMuted: false, error: null, peakDb: -120 }] },
      ['warning microphone-silent'],
    ],
    [
      'a muted microphone, whatever it delivers',
      {
        microphones: [
          { name: 'Yeti', isMuted: true, error: null, peakDb: -18 },
          { name: 'Rode', isMuted: true, error: null, peakDb: null },
        ],
      },
      ['warning microphone-muted', 'warning microphone-muted'],
    ],
    [
      'a microphone that is gone',
      {
        microphones: [
          {
            name: 'Yeti',
            isMuted: false,
            error: { code: 'device-missing', details: { name: 'Yeti' } },
            peakDb: null,
          },
        ],
      },
      ['warning device-missing'],
    ],
    ['an empty scene', { scene: { ...good.scene, visibleItems: 0 } }, ['warning scene-empty']],
    ['a black picture', { scene: { ...good.scene, isBlack: true } }, ['warning picture-black']],
    [
      'a source that does not deliver',
      {
        scene: {
          ...good.scene,
          failing: [{ name: 'Camera', error: { code: 'device-missing', details: { name: 'Camera' } } }],
        },
      },
      ['warning device-missing'],
    ],
  ])('find %s', (_, facts, expected) => {
    expect(troubles(facts)).toEqual(expected);
  });

  it('never make a measurement up', () => {
    const unknown: Partial<PreflightFacts> = {
      upload: null,
      encoder: { ...good.encoder, measuredFps: null },
      disk: { ...good.disk, freeBytes: null },
      microphones: [{ name: 'Yeti', isMuted: false, error: null, peakDb: null }],
    };
    expect(troubles(unknown)).toEqual([]);
    const findings = preflight({ ...good, ...unknown }).map(({ finding }) => finding);
    expect(findings.filter((finding) => /not (measured|known)/.test(finding))).toHaveLength(4);
  });

  it('say how many frames were left out, not how late an encoder was that nobody timed', () => {
    const checks = preflight({ ...good, recent: { laggedShare: 0, skippedShare: 0.023 } });
    expect(checks.find(({ subject }) => subject === 'encoder')?.error).toEqual({
      code: 'frames-skipped',
      details: { skippedPercent: 2.3 },
    });
  });

  it('do not take the most that was ever sent for the most that can be', () => {
    const checks = preflight({ ...good, upload: { bestKbps: 3000, limitKbps: null } });
    expect(checks.find(({ subject }) => subject === 'upload')).toMatchObject({
      result: 'ok',
      finding: expect.stringContaining(
        'up to 3000 kbit/s went through last time, more is not measured',
      ) as string,
    });
  });

  it.each([
    ['nowhere to go', []],
    ['a key that is missing', [twitch, { ...own, hasKey: false }]],
    ['all that is needed', [twitch, own]],
  ])('block for a command what they block in the window: %s', (_, destinations) => {
    const blocked = preflight({ ...good, destinations }).find(({ result }) => result === 'blocked');
    expect(blockingError(destinations)).toEqual(blocked?.error ?? null);
  });

  it('judge each destination by the picture that it gets', () => {
    const video = { fps: 30, videoKbps: 2500, keyframeSec: 2 };
    const program = { codec: 'h264' as const, fps: 60, videoKbps: 8000, audioKbps: 160 };
    const small = { ...twitch, video };
    expect(troubles({ program })).toContain('warning bitrate-too-high');
    expect(troubles({ program, destinations: [small] })).toEqual([]);
    const other = { ...twitch, name: 'Other', serviceId: null, url: 'rtmp://relay.example/app' };
    const upload = { bestKbps: 20_000, limitKbps: null };
    const checks = preflight({ ...good, program, upload, destinations: [small, other] });
    expect(checks.find(({ subject }) => subject === 'upload')?.finding).toContain('need 10820 kbit/s');
    expect(troubles({ destinations: [{ ...twitch, lostVariantId: 'gone' }] })).toEqual([
      'warning variant-not-found',
    ]);
  });

  it('do not count what stays on this computer as upload', () => {
    const checks = preflight({ ...good, destinations: [own], upload: { bestKbps: 1, limitKbps: 1 } });
    expect(checks.find(({ subject }) => subject === 'upload')?.finding).toBe('Nothing leaves this computer.');
  });
});

describe('the look at the picture', () => {
  const picture = (luma: number): Uint8Array => new Uint8Array(64 * 36 * 1.5).fill(luma);
  const frame = (data: Uint8Array | null) =>
    ({ index: 0, tickUs: 0, composeMs: 1, isLagged: false, data, release: () => undefined }) as never;

  it('takes the black of video for black, and one bright line for a picture', () => {
    expect(isBlack(picture(16))).toBe(true);
    const title = picture(16).fill(200, 64 * 10, 64 * 11);
    expect(isBlack(title)).toBe(false);
  });

  it('is at the next frame with a picture, and none when there is none', async () => {
    const probe = new PictureProbe();
    const verdict = probe.isNextBlack();
    probe.pass(frame(null), { width: 64, height: 36 });
    // Chroma is 128 everywhere: only the luma counts.
    probe.pass(frame(picture(128).fill(16, 0, 64 * 36)), { width: 64, height: 36 });
    expect(await verdict).toBe(true);
    expect(await probe.isNextBlack(1)).toBeNull();
  });
});

describe('what the connection has carried', () => {
  const folder = mkdtempSync(join(tmpdir(), 'upload-'));
  const records: UploadRecord[] = [];
  const recordAt = (file: string): UploadRecord => {
    const record = new UploadRecord(file);
    records.push(record);
    return record;
  };
  afterAll(async () => {
    await Promise.all(records.map((record) => record.saved()));
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, 'upload.json');
  /** @param kbps of each second */
  const stream = (record: UploadRecord, kbps: readonly number[], drops: readonly number[] = []): void => {
    let bytes = 0;
    let droppedFrames = 0;
    kbps.forEach((rate, second) => {
      record.sample([{ id: 'one', bytes, droppedFrames }], second * 1000);
      bytes += (rate * 1000) / 8;
      droppedFrames += drops[second] ?? 0;
    });
    record.sample([], kbps.length * 1000);
  };

  it('is the most of any 15 s, kept for the next start', async () => {
    const record = recordAt(path);
    record.load();
    expect(record.figures).toBeNull();
    stream(record, [...Array<number>(20).fill(3000), ...Array<number>(20).fill(6000)]);
    await record.saved();
    const next = recordAt(path);
    next.load();
    expect(next.figures).toEqual({ bestKbps: 6000, limitKbps: null });
  });

  it('is a limit where frames were dropped, until a later stream tells otherwise', () => {
    const record = recordAt(path);
    record.load();
    stream(record, Array<number>(40).fill(2500), Array<number>(40).fill(3));
    expect(record.figures).toEqual({ bestKbps: 2500, limitKbps: 2500 });
    stream(record, Array<number>(30).fill(6000));
    expect(record.figures).toEqual({ bestKbps: 6000, limitKbps: null });
  });

  it('is not more for a destination that comes back with all it ever sent', () => {
    const record = recordAt(join(folder, 'back.json'));
    const perSecond = (3000 * 1000) / 8;
    const bytes = { one: 0, two: 0 };
    for (let second = 0; second < 90; second++) {
      const isAway = second >= 30 && second < 35;
      const readings = [{ id: 'one', bytes: bytes.one, droppedFrames: 0 }];
      if (!isAway) readings.push({ id: 'two', bytes: bytes.two, droppedFrames: 0 });
      record.sample(readings, second * 1000);
      bytes.one += perSecond;
      if (!isAway) bytes.two += perSecond;
    }
    record.sample([], 90_000);
    expect(record.figures).toEqual({ bestKbps: 6000, limitKbps: null });
  });

  it('is another measurement when one is exchanged for another that has sent more', () => {
    const record = recordAt(join(folder, 'exchanged.json'));
    for (let second = 0; second < 60; second++) {
      const bytes = (second * 3000 * 1000) / 8;
      record.sample(
        [
          second < 20
            ? { id: 'one', bytes, droppedFrames: 0 }
            : { id: 'two', bytes: bytes + 1e9, droppedFrames: 9 },
        ],
        second * 1000,
      );
    }
    record.sample([], 60_000);
    expect(record.figures).toEqual({ bestKbps: 3000, limitKbps: null });
  });

  it('is nothing of a stream that was too short to tell', () => {
    const record = recordAt(join(folder, 'none.json'));
    stream(record, Array<number>(10).fill(6000));
    expect(record.figures).toBeNull();
  });
});
