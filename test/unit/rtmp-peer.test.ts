import { describe, expect, it } from 'vitest';
import { decodeAmf0, encodeAmf0 } from '../../electron/streaming/media/amf0';
import type { Amf0Value } from '../../electron/streaming/media/amf0';
import { rtmpType } from '../../electron/streaming/media/rtmp-chunks';
import type { RtmpMessage } from '../../electron/streaming/media/rtmp-chunks';
import { ServerHandshake } from '../../electron/streaming/rtmp/handshake';
import { classifyMedia, codecOf } from '../../electron/streaming/rtmp/media-class';
import {
  appOf,
  readMetadata,
  readPeerMessage,
  streamNameOf,
} from '../../electron/streaming/rtmp/peer-message';

const message = (typeId: number, payload: Buffer): RtmpMessage => ({
  typeId,
  payload,
  streamId: 1,
  timestamp: 0,
  chunkStreamId: 3,
});
const command = (...values: Amf0Value[]): ReturnType<typeof readPeerMessage> =>
  readPeerMessage(message(rtmpType.commandAmf0, encodeAmf0(...values)));

describe('ServerHandshake', () => {
  const random = Buffer.alloc(1528, 9);
  const c1 = Buffer.alloc(1536, 5);
  const hello = Buffer.concat([Buffer.of(3), c1, Buffer.alloc(1536, 6), Buffer.from('rest')]);

  it.each([1, 7, 1536, 1537, 1538, 5000])(
    'answers once and hands on the rest, in pieces of %i bytes',
    (size) => {
      const handshake = new ServerHandshake(random);
      const replies: Buffer[] = [];
      const rests: Buffer[] = [];
      for (let at = 0; at < hello.length; at += size) {
        const piece = hello.subarray(at, at + size);
        if (handshake.isDone) rests.push(piece);
        else {
          const { reply, rest } = handshake.push(piece);
          replies.push(reply);
          rests.push(rest);
        }
      }
      expect(Buffer.concat(replies)).toEqual(Buffer.concat([Buffer.of(3), Buffer.alloc(8), random, c1]));
      expect(Buffer.concat(rests).toString()).toBe('rest');
    },
  );

  it.each([0, 2, 6, 22, 'P'.charCodeAt(0)])('refuses version %i on the first byte', (version) => {
    expect(() => new ServerHandshake(random).push(Buffer.of(version))).toThrow(RangeError);
  });
});

describe('commands of a peer', () => {
  it('reads app and stream name without query and closing slash', () => {
    const connect = command('connect', 1, { app: 'live/?x=1' });
    expect(connect?.input === 'connect' && appOf(connect.command)).toBe('live');
    const publish = command('publish', 4, null, 'secret?a=b', 'live');
    expect(publish?.input === 'publish' && streamNameOf(publish.command)).toBe('secret');
  });

  it.each([
    ['no name', encodeAmf0(1, 1)],
    ['no transaction', encodeAmf0('connect')],
    ['a transaction that is no number', encodeAmf0('connect', 'x')],
    ['NaN as transaction', encodeAmf0('connect', NaN)],
    ['nothing', Buffer.alloc(0)],
    ['half a string', Buffer.from('0200ff61', 'hex')],
    [
      'objects within objects',
      Buffer.from('0300016103000161030001610300016103000161030001610300016103000161', 'hex'),
    ],
  ])('refuses %s', (_, body) => {
    expect(() => readPeerMessage(message(rtmpType.commandAmf0, body))).toThrow(RangeError);
  });

  it('knows commands by name only, not by what every object has', () => {
    expect(command('constructor', 1, null)?.input).toBe('otherCommand');
  });

  it.each([rtmpType.setChunkSize, rtmpType.windowAckSize, rtmpType.setPeerBandwidth, rtmpType.userControl])(
    'refuses a control message of type %i that is too short',
    (typeId) => expect(() => readPeerMessage(message(typeId, Buffer.alloc(1)))).toThrow(RangeError),
  );
});

describe('metadata', () => {
  it('is written anew: without @setDataFrame, flat and bounded', () => {
    const data = new Map<string, Amf0Value>([
      ['width', 1920],
      ['encoder', 'a camera'],
      ['stereo', true],
      ['nested', { a: 1 }],
      ['long', 'x'.repeat(2000)],
      ['k'.repeat(200), 1],
    ]);
    const written = readMetadata(message(rtmpType.dataAmf0, encodeAmf0('@setDataFrame', 'onMetaData', data)));
    expect(decodeAmf0(written!)).toEqual([
      'onMetaData',
      new Map<string, Amf0Value>([
        ['width', 1920],
        ['encoder', 'a camera'],
        ['stereo', true],
      ]),
    ]);
  });

  it('of another kind is left out', () => {
    expect(readMetadata(message(rtmpType.dataAmf0, encodeAmf0('onTextData', { text: 'x' })))).toBeNull();
  });
});

describe('classifyMedia', () => {
  it.each([
    ['H.264 sequence header', 9, '1700000000', 'config', 'h264'],
    ['H.264 keyframe', 9, '1701000000', 'keyframe', 'h264'],
    ['H.264 picture', 9, '2701000000', 'inter', 'h264'],
    ['H.264 end of sequence', 9, '1702000000', 'other', 'h264'],
    ['H.264 cut short', 9, '1701', 'malformed', 'h264'],
    ['command frame', 9, '5700', 'other', 'h264'],
    ['enhanced HEVC header', 9, '9068766331', 'config', 'hevc'],
    ['enhanced HEVC keyframe', 9, '9368766331', 'keyframe', 'hevc'],
    ['enhanced AV1 picture', 9, 'a161763031', 'inter', 'av1'],
    ['enhanced VP9 keyframe', 9, '9176703039', 'keyframe', 'vp9'],
    ['enhanced H.264, unknown to node-media-server', 9, '9161766331', 'keyframe', 'h264'],
    ['enhanced VP9 header', 9, '90767030390000288201010100', 'config', 'vp9'],
    ['enhanced VP9 header cut short', 9, '907670303900002882', 'malformed', 'vp9'],
    ['enhanced VP9 end of sequence', 9, '9276703039', 'other', 'vp9'],
    ['enhanced command', 9, 'd10000000000', 'other', null],
    ['enhanced metadata', 9, '9468766331', 'other', 'hevc'],
    ['enhanced without its FourCC', 9, '90', 'malformed', null],
    ['nothing', 9, '', 'malformed', null],
    ['AAC header', 8, 'af00', 'config', 'aac'],
    ['AAC', 8, 'af01ff', 'audio', 'aac'],
    ['AAC cut short', 8, 'af', 'malformed', 'aac'],
    ['enhanced Opus header', 8, '904f707573', 'config', 'opus'],
    ['enhanced Opus', 8, '914f707573', 'audio', 'opus'],
    ['MP3', 8, '2fff', 'audio', 'mp3'],
    ['silence of no length', 8, '', 'malformed', null],
  ])('%s', (_, typeId, hex, expected, codec) => {
    const body = Buffer.from(hex, 'hex');
    expect(classifyMedia(typeId, body)).toBe(expected);
    if (codec) expect(codecOf(typeId, body)).toBe(codec);
  });
});
