import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { StudioError } from '../../electron/streaming/lib/errors';
import { encodeAmf0 } from '../../electron/streaming/media/amf0';
import type { Amf0Value } from '../../electron/streaming/media/amf0';
import { ChunkWriter, rtmpType } from '../../electron/streaming/media/rtmp-chunks';
import { PublishSession, RtmpRefusal } from '../../electron/streaming/rtmp/publish-session';
import { parseRtmpUrl } from '../../electron/streaming/rtmp/rtmp-url';
import { SendWindow } from '../../electron/streaming/rtmp/send-window';
import { findTxQueue } from '../../electron/streaming/rtmp/unsent-bytes';

describe('RTMP addresses', () => {
  it.each([
    ['rtmp://live.twitch.tv/app', 'live.twitch.tv', 1935, 'app', 'rtmp://live.twitch.tv/app'],
    [
      'rtmps://a.rtmps.youtube.com:443/live2',
      'a.rtmps.youtube.com',
      443,
      'live2',
      'rtmps://a.rtmps.youtube.com:443/live2',
    ],
    [
      'rtmp://b.rtmp.youtube.com/live2?backup=1',
      'b.rtmp.youtube.com',
      1935,
      'live2?backup=1',
      'rtmp://b.rtmp.youtube.com/live2?backup=1',
    ],
    ['rtmps://h/rtmp/', 'h', 443, 'rtmp', 'rtmps://h/rtmp'],
    ['rtmp://[::1]:1936/live/room', '::1', 1936, 'live/room', 'rtmp://[::1]:1936/live/room'],
  ])('%s', (url, host, port, app, tcUrl) => {
    expect(parseRtmpUrl(url)).toMatchObject({ host, port, app, tcUrl, isTls: url.startsWith('rtmps') });
  });

  it.each([
    '',
    'live.twitch.tv/app',
    'http://h/app',
    'rtmp://h',
    'rtmp://h:99999/app',
    'rtmp:///app',
    'rtmp://user:secret@h/app',
  ])('refuses “%s” without repeating a password', (url) => {
    let error: unknown;
    try {
      parseRtmpUrl(url);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(StudioError);
    expect((error as StudioError).code).toBe('destination-url-invalid');
    expect((error as StudioError).message).not.toContain('secret');
  });
});

describe('what is on its way', () => {
  it('is measured in media time', () => {
    const window = new SendWindow();
    for (let index = 0; index < 10; index++) window.sent(100, index * 40);
    expect(window.inFlightMs).toBe(360);
    window.arrived(450);
    expect(window.inFlightMs).toBe(200);
    window.arrived(100);
    expect(window.arrivedBytes).toBe(450);
    window.arrived(5000);
    expect([window.inFlightMs, window.arrivedBytes]).toEqual([0, 1000]);
  });

  it('is found in the kernel’s table', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0',
      '  12: 0100007F:C350 0100007F:078F 01 0002A3F0:00000000 01:00000000 00000000     0        0 2 1 0',
      '  13: 0100007F:078F 0100007F:C350 01 00000007:00000000 01:00000000 00000000     0        0 3 1 0',
    ].join('\n');
    expect(findTxQueue(table, 50_000, 1935)).toBe(0x2a3f0);
    expect(findTxQueue(table, 1935, 50_000)).toBe(7);
    expect(findTxQueue(table, 1936, 50_000)).toBeNull();
  });
});

describe('a publish session facing a hostile server', () => {
  const session = (): PublishSession => {
    const made = new PublishSession({
      tcUrl: 'rtmp://h/a',
      app: 'a',
      key: 'sesame',
      random: new Uint8Array(1528),
    });
    made.receive(Buffer.concat([Buffer.of(3), Buffer.alloc(3072)]));
    return made;
  };
  const command = (...values: readonly Amf0Value[]): Buffer =>
    Buffer.concat(
      new ChunkWriter().write({
        chunkStreamId: 3,
        typeId: rtmpType.commandAmf0,
        streamId: 0,
        timestamp: 0,
        payload: [encodeAmf0(...values)],
      }),
    );

  it('is not published before it asked for it', () => {
    const made = session();
    made.receive(command('onStatus', 0, null, { level: 'status', code: 'NetStream.Publish.Start' }));
    made.receive(command('_result', 4, null, 1));
    expect(made.isPublished).toBe(false);
  });

  it('hides the key in what the server says', () => {
    const info = { level: 'error', code: 'NetStream.Publish.BadName', description: 'live/sesame\nis taken' };
    expect(() => session().receive(command('onStatus', 0, null, info))).toThrow(
      new RtmpRefusal('NetStream.Publish.BadName: live/… is taken'),
    );
  });

  it('answers arbitrary bytes with bytes, a RangeError or a refusal', () => {
    const message = fc
      .tuple(fc.integer({ min: 1, max: 22 }), fc.uint8Array({ maxLength: 120 }))
      .map(([typeId, payload]) =>
        Buffer.concat(
          new ChunkWriter().write({
            chunkStreamId: 3,
            typeId,
            streamId: 0,
            timestamp: 0,
            payload: [payload],
          }),
        ),
      );
    const status = fc
      .tuple(
        fc.constantFrom('_result', '_error', 'onStatus', 'close'),
        fc.integer({ min: 0, max: 6 }),
        fc.anything(),
      )
      .map(([name, id, info]) => command(name, id, null, typeof info === 'number' ? info : null));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 60 }), message, status), { maxLength: 8 }),
        (parts) => {
          const made = session();
          try {
            for (const part of parts) made.receive(part);
          } catch (error) {
            expect(error instanceof RangeError || error instanceof RtmpRefusal).toBe(true);
          }
        },
      ),
      { seed: 20_261, numRuns: 1500 },
    );
  });
});
