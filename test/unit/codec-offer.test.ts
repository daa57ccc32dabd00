import { describe, expect, it } from 'vitest';
import { decodeAmf0, encodeAmf0 } from '../../electron/streaming/media/amf0';
import type { Amf0Value } from '../../electron/streaming/media/amf0';
import { ChunkReader, ChunkWriter, rtmpType } from '../../electron/streaming/media/rtmp-chunks';
import { isNamed, namedCodecs, relayAnswer } from '../../electron/streaming/rtmp/codec-offer';
import { CodecRefusal, PublishSession } from '../../electron/streaming/rtmp/publish-session';

/** what a session says first, and how it takes an answer to that */
function connected(options: { fourCc?: string; isSilenceConsent?: boolean } = {}): {
  readonly connect: Amf0Value;
  readonly answered: (properties: Amf0Value) => Amf0Value[];
} {
  const session = new PublishSession({
    ...{ tcUrl: 'rtmp://h/a', app: 'a', key: 'k', random: new Uint8Array(1528) },
    ...options,
  });
  const reader = new ChunkReader({ messageBytes: 1e6, bufferedBytes: 1e6 });
  const commands = (out: Uint8Array[]): Amf0Value[][] =>
    reader
      .push(Buffer.concat(out))
      .filter(({ typeId }) => typeId === rtmpType.commandAmf0)
      .map(({ payload }) => decodeAmf0(payload));
  const [, ...rest] = session.receive(Buffer.concat([Buffer.of(3), Buffer.alloc(3072)]));
  const [connect] = commands(rest);
  return {
    connect: connect![2],
    answered: (properties) => {
      const payload = [encodeAmf0('_result', 1, properties, { code: 'NetConnection.Connect.Success' })];
      const message = { chunkStreamId: 3, typeId: rtmpType.commandAmf0, streamId: 0, timestamp: 0, payload };
      const out = session.receive(Buffer.concat(new ChunkWriter().write(message)));
      return commands(out).map(([name]) => name);
    },
  };
}
const plain = { fmsVer: 'FMS/3,0,1,123', capabilities: 31 };

describe('codecs in connect', () => {
  it('are not spoken of with H.264', () => {
    const { connect, answered } = connected();
    expect(Object.keys(connect as object)).toEqual(['app', 'type', 'flashVer', 'tcUrl']);
    expect(answered(plain)).toContain('createStream');
  });

  it('are told as the first and as the second version of Enhanced RTMP say', () => {
    expect(connected({ fourCc: 'vp09' }).connect).toMatchObject({
      fourCcList: ['vp09'],
      videoFourCcInfoMap: { vp09: 2 },
    });
  });

  it.each<[string, Record<string, Amf0Value>]>([
    ['the list of v1', { fourCcList: ['av01', 'vp09'] }],
    ['any in a list', { fourCcList: ['*'] }],
    ['the map of v2: decodes', { videoFourCcInfoMap: { vp09: 1 } }],
    ['the map of v2: hands everything on', { videoFourCcInfoMap: { '*': 4, vp09: 0 } }],
    ['a map as an ECMA array', { videoFourCcInfoMap: new Map([['vp09', 5]]) }],
    ['our own server', relayAnswer({ fourCcList: ['vp09'] })],
  ])('go ahead where the server takes it by %s', (_, properties) => {
    expect(connected({ fourCc: 'vp09' }).answered({ ...plain, ...properties })).toContain('createStream');
  });

  it.each<[string, Record<string, Amf0Value>, readonly string[] | null]>([
    ['names others', { fourCcList: ['av01', 'hvc1'] }, ['av01', 'hvc1']],
    ['only encodes it', { videoFourCcInfoMap: { vp09: 2, hvc1: 3 } }, ['hvc1']],
    ['takes none', { fourCcList: [] }, []],
    ['sends nonsense', { fourCcList: [1, 'a\u0007b!', 'too long'], videoFourCcInfoMap: { vp09: 'yes' } }, []],
    ['says nothing', {}, null],
  ])('end it before the key is told where the server %s', (_, properties, named) => {
    const { answered } = connected({ fourCc: 'vp09' });
    let refusal: unknown;
    try {
      answered({ ...plain, ...properties });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(CodecRefusal);
    expect((refusal as CodecRefusal).named).toEqual(named);
  });

  it('silence is consent where a person said so, a no is not', () => {
    const options = { fourCc: 'vp09', isSilenceConsent: true };
    expect(connected(options).answered(plain)).toContain('createStream');
    expect(() => connected(options).answered({ ...plain, fourCcList: ['av01'] })).toThrow(CodecRefusal);
  });

  it('our server tells who asked that it hands everything on, and says nothing to others', () => {
    expect(relayAnswer({ app: 'live' })).toEqual({});
    expect(relayAnswer(undefined)).toEqual({});
    const named = namedCodecs([relayAnswer(new Map([['videoFourCcInfoMap', { hvc1: 2 }]]))]);
    expect(named).toEqual(['*']);
    expect(isNamed('vp09', named!)).toBe(true);
  });
});
