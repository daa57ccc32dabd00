import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { StudioError } from '../../electron/streaming/lib/errors';
import { encodeAmf0 } from '../../electron/streaming/media/amf0';
import type { Amf0Value } from '../../electron/streaming/media/amf0';
import { ChunkWriter, rtmpType } from '../../electron/streaming/media/rtmp-chunks';
import { Acknowledgements } from '../../electron/streaming/rtmp/acknowledgements';
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
    [
      'RTMP://Bücher.Example/live',
      'xn--bcher-kva.example',
      1935,
      'live',
      'rtmp://xn--bcher-kva.example/live',
    ],
    [
      'rtmps://münchen.example.:444/a',
      'xn--mnchen-3ya.example',
      444,
      'a',
      'rtmps://xn--mnchen-3ya.example:444/a',
    ],
    ['rtmp://h/live@room#1', 'h', 1935, 'live@room#1', 'rtmp://h/live@room#1'],
  ])('%s', (url, host, port, app, tcUrl) => {
    const isTls = url.startsWith('rtmps');
    expect(parseRtmpUrl(url)).toMatchObject({ host, port, app, tcUrl, isTls });
  });

  it.each([
    ['', 'no address'],
    ['live.twitch.tv/app', 'no address'],
    ['http://h/app', 'neither rtmp:// nor rtmps://'],
    ['rtmp://h', 'application'],
    ['rtmp://h:99999/app', 'no address'],
    ['rtmp://h:0/app', 'port 0'],
    ['rtmp:///app', 'host'],
    ['rtmp://%00h/app', 'host'],
    ['rtmp://%2f/app', 'host'],
    ['rtmp://%ff/app', 'host'],
    [`rtmp://${'a.'.repeat(200)}b/app`, 'host'],
    ['rtmp://h/a\nb', 'control characters'],
    ['rtmp://h\u0000.example/a', 'control characters'],
    [`rtmp://h/${'a'.repeat(2000)}`, 'longer than 2000'],
    ['rtmp://user:secret@h/app', 'user name and password'],
    ['rtmp://us:er:secret@h/app', 'user name and password'],
    ['rtmp://user:sec/secret@h/app', 'user name and password'],
    ['rtmp://user:secret@h:/p@q/app', 'user name and password'],
    ['user:secret@h/app', 'neither rtmp:// nor rtmps://'],
    ['rtmp://user:secret\u0007@h/app', 'control characters'],
  ])('refuses “%s” (%s) without repeating a password', (url, reason) => {
    let error: unknown;
    try {
      parseRtmpUrl(url);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(StudioError);
    const { code, message, details } = error as StudioError<'destination-url-invalid'>;
    expect([code, details.reason]).toEqual(['destination-url-invalid', expect.stringContaining(reason)]);
    expect(message).not.toMatch(/secret|\p{Cc}/u);
    expect(message.length).toBeLessThan(500);
  });
});

describe('what is on its way', () => {
  it('is measured in media time', () => {
    const window = new SendWindow();
    for (let index = 0; index < 10; index++) window.sent(100, index * 40, index * 40);
    expect(window.inFlightMs).toBe(360);
    window.arrived(450, 160);
    expect(window.inFlightMs).toBe(160);
    expect(window.roundTripMs).toBe(40);
    window.arrived(100, 170);
    expect(window.arrivedBytes).toBe(450);
    window.arrived(5000, 400);
    expect([window.inFlightMs, window.arrivedBytes]).toEqual([0, 1000]);
  });

  it('may be what the way holds, however long that is, and 400 ms more', () => {
    const pathMs = 600;
    const window = new SendWindow();
    const sent: { position: number; at: number }[] = [];
    let worst = 0;
    for (let now = 0; now < 6000; now += 10) {
      while (sent[0] && sent[0].at + pathMs <= now) window.arrived(sent.shift()!.position, now);
      // Until the first answer nobody knows how long the way is.
      if (now > 2 * pathMs) worst = Math.max(worst, window.inFlightMs);
      window.sent(100, now, now);
      sent.push({ position: window.sentBytes, at: now });
    }
    expect(window.roundTripMs).toBe(pathMs);
    expect(worst).toBeLessThan(50);
    // From now on nothing arrives.
    for (let now = 6000; now < 6400; now += 10) window.sent(100, now, now);
    expect(window.inFlightMs).toBeGreaterThan(380);
  });

  it('is not believed to be a way of more than a second', () => {
    const window = new SendWindow();
    window.sent(100, 0, 0);
    window.arrived(100, 60_000);
    for (let now = 60_000; now < 62_000; now += 100) window.sent(100, now, now);
    expect([window.roundTripMs, window.inFlightMs]).toEqual([1000, 900]);
  });

  it('is found in the kernel’s table by both ends', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0',
      // Another program's, from another address of this machine to another server, by the same ports.
      '  11: 0200A8C0:C350 0100007E:078F 01 00000009:00000000 01:00000000 00000000     0        0 2 1 0',
      '  12: 0100007F:C350 0100007F:078F 01 0002A3F0:00000000 01:00000000 00000000     0        0 2 1 0',
      '  13: 0100007F:078F 0100007F:C350 01 00000007:00000000 01:00000000 00000000     0        0 3 1 0',
      '  14: B80D0120000000000000000001000000:C350 00000000000000000000000001000000:078F 01 0000000A:00000000 01:00000000 0',
      '  15: 0000000000000000FFFF00000100007F:C350 0000000000000000FFFF00000200007F:078F 01 0000000B:00000000 01:00000000 0',
    ].join('\n');
    const at = (address: string, port: number): { address: string; port: number } => ({ address, port });
    const here = '127.0.0.1';
    expect(findTxQueue(table, at(here, 50_000), at(here, 1935))).toBe(0x2a3f0);
    expect(findTxQueue(table, at(here, 1935), at(here, 50_000))).toBe(7);
    expect(findTxQueue(table, at(here, 1936), at(here, 50_000))).toBeNull();
    expect(findTxQueue(table, at('192.168.0.2', 50_000), at('126.0.0.1', 1935))).toBe(9);
    expect(findTxQueue(table, at('192.168.0.2', 50_000), at(here, 1935))).toBeNull();
    expect(findTxQueue(table, at('2001:db8::1%eth0', 50_000), at('::1', 1935))).toBe(10);
    expect(findTxQueue(table, at('::ffff:127.0.0.1', 50_000), at('::ffff:127.0.0.2', 1935))).toBe(11);
  });
});

describe('what the server says has arrived', () => {
  const kilo = 1000;
  const regular = (upTo: number): Acknowledgements => {
    const acknowledgements = new Acknowledgements();
    for (let at = 20; at <= upTo; at += 20) acknowledgements.heard(at * kilo, (at + 10) * kilo, at);
    return acknowledgements;
  };

  it('counts once it is known to say so regularly, and only where it says less than TCP does', () => {
    const acknowledgements = new Acknowledgements();
    expect(acknowledgements.arrivedBytes(500 * kilo, 0)).toBe(500 * kilo);
    acknowledgements.heard(20 * kilo, 500 * kilo, 0);
    expect(acknowledgements.arrivedBytes(500 * kilo, 0)).toBe(500 * kilo);
    acknowledgements.heard(40 * kilo, 500 * kilo, 1);
    // Two steps may be on their way unseen.
    expect(acknowledgements.arrivedBytes(500 * kilo, 2)).toBe(80 * kilo);
    expect(acknowledgements.arrivedBytes(70 * kilo, 3)).toBe(70 * kilo);
  });

  it('counts no more when it has fallen silent although enough was sent, and again when it speaks', () => {
    const acknowledgements = regular(100);
    // Nothing is sent for long, so nothing has to be said.
    expect(acknowledgements.arrivedBytes(130 * kilo, 60_000)).toBe(130 * kilo);
    expect(acknowledgements.arrivedBytes(500 * kilo, 60_100)).toBe(140 * kilo);
    expect(acknowledgements.arrivedBytes(500 * kilo, 62_050)).toBe(140 * kilo);
    expect(acknowledgements.arrivedBytes(500 * kilo, 62_150)).toBe(500 * kilo);
    acknowledgements.heard(120 * kilo, 500 * kilo, 62_200);
    expect(acknowledgements.arrivedBytes(500 * kilo, 62_201)).toBe(160 * kilo);
  });

  it('goes on over the end of its 32 bits, and where a server begins to count anew', () => {
    const wraps = new Acknowledgements();
    const start = 2 ** 32 - 30 * kilo;
    for (let index = 0; index < 6; index++) {
      const position = start + index * 20 * kilo;
      wraps.heard(position % 2 ** 32, position + 1, index);
    }
    expect(wraps.arrivedBytes(2 ** 33, 6)).toBe(start + (100 + 40) * kilo);
    const anew = regular(100);
    anew.heard(5 * kilo, 130 * kilo, 101);
    anew.heard(25 * kilo, 150 * kilo, 102);
    expect(anew.arrivedBytes(1000 * kilo, 103)).toBe((140 + 40) * kilo);
  });
});

describe('a publish session facing a hostile server', () => {
  const session = (now = (): number => 0, key = 'sesame'): PublishSession => {
    const made = new PublishSession({
      now,
      tcUrl: 'rtmp://h/a',
      app: 'a',
      key,
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

  const control = (typeId: number, payload: string): Buffer =>
    Buffer.concat(
      new ChunkWriter().write({
        chunkStreamId: 2,
        typeId,
        streamId: 0,
        timestamp: 0,
        payload: [Buffer.from(payload, 'hex')],
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
    let error: unknown;
    try {
      session().receive(command('onStatus', 0, null, info));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(RtmpRefusal);
    expect((error as RtmpRefusal).message).toBe('NetStream.Publish.BadName: live/… is taken');
  });

  it.each([
    ['live_abc?bandwidthtest=true', 'live_abc is taken', '… is taken'],
    ['live_abc?bandwidthtest=true', 'live_abc?bandwidthtest=true is taken', '… is taken'],
    ['app?token=s3cret==&t=1', 'app: s3cret== is of 1 day ago', 'app: … is of 1 day ago'],
    ['abcd?x=abcdef', 'abcdef, not abcd', '…, not …'],
    ['k', 'k', '…'],
    ['', 'no key', 'no key'],
  ])('hides each part of the key %s', (key, description, told) => {
    expect(() =>
      session(undefined, key).receive(command('onStatus', 0, null, { level: 'error', description })),
    ).toThrow(told);
  });

  it('answers only a few of a flood of pings, and more a second later', () => {
    let now = 0;
    const made = session(() => now);
    const ping = control(rtmpType.userControl, '000601020304');
    const pongs = (): number => made.receive(Buffer.concat(Array<Buffer>(500).fill(ping))).length;
    const few = pongs();
    expect(few).toBeGreaterThan(0);
    expect(few).toBeLessThan(20);
    expect(pongs()).toBe(0);
    now = 1500;
    expect(pongs()).toBe(few);
  });

  it('acknowledges as often as it is asked to, but not every few bytes', () => {
    const made = session();
    made.receive(control(rtmpType.windowAckSize, '00000000'));
    const answers = Array.from({ length: 1000 }, () =>
      made.receive(control(rtmpType.acknowledgement, '00000001')),
    );
    expect(answers.filter(({ length }) => length > 0).length).toBe(Math.floor((1000 * 16) / 4096));
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
