import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { encodeAmf0 } from '../../electron/streaming/media/amf0';
import type { Amf0Value } from '../../electron/streaming/media/amf0';
import { ChunkWriter, rtmpType } from '../../electron/streaming/media/rtmp-chunks';
import { RtmpClient } from './rtmp-client';

/** A seeded generator (mulberry32), so that every failing input can be made again. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;
const below = (random: Random, limit: number): number => Math.floor(random() * limit);
const randomBytes = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => below(random, 256)));
const pick = <Item>(random: Random, items: readonly Item[]): Item => items[below(random, items.length)]!;

function flipBits(random: Random, bytes: Buffer, from: number): Buffer {
  const flipped = Buffer.from(bytes);
  for (let left = 1 + below(random, 8); left > 0; left--) {
    const at = from + below(random, flipped.length - from);
    flipped[at] = flipped[at]! ^ (1 << below(random, 8));
  }
  return flipped;
}

const handshake = Buffer.concat([Buffer.of(3), Buffer.alloc(3072, 7)]);

const sequenceHeader = Buffer.from('1700000000' + '0164001fffe1001967640020acd9', 'hex');
const picture = (fill: number): Buffer =>
  Buffer.concat([Buffer.from('1701000000', 'hex'), Buffer.alloc(400, fill)]);

/** The byte that every attacker's picture is filled with: no viewer may ever see it. */
export const attackFill = 0xee;

/** What an honest publisher sends: commands (all in one piece) and some media. */
function honestSession(key: string): { commands: Buffer; media: Buffer } {
  const writer = new ChunkWriter();
  const command = (name: string, ...values: Amf0Value[]): Uint8Array[] =>
    writer.write({
      chunkStreamId: 3,
      typeId: rtmpType.commandAmf0,
      streamId: name === 'publish' ? 1 : 0,
      timestamp: 0,
      payload: [encodeAmf0(name, 1, ...values)],
    });
  const media = (typeId: number, timestamp: number, payload: Buffer): Uint8Array[] =>
    writer.write({ chunkStreamId: typeId, typeId, streamId: 1, timestamp, payload: [payload] });
  const commands = [
    ...command('connect', { app: 'live', type: 'nonprivate', tcUrl: 'rtmp://127.0.0.1/live' }),
    ...command('releaseStream', null, key),
    ...command('createStream', null),
    ...command('publish', null, key, 'live'),
  ];
  const metadata = encodeAmf0('@setDataFrame', 'onMetaData', new Map([['width', 320]]));
  const pictures = [
    ...media(rtmpType.dataAmf0, 0, metadata),
    ...media(rtmpType.video, 0, sequenceHeader),
    ...media(rtmpType.audio, 0, Buffer.from('af001190', 'hex')),
    ...media(rtmpType.video, 0, picture(attackFill)),
    ...media(rtmpType.audio, 20, Buffer.from('af01ffee', 'hex')),
  ];
  return { commands: Buffer.concat(commands), media: Buffer.concat(pictures) };
}

/** A chunk with a full header that declares whatever it likes. */
function chunk(chunkStreamId: number, typeId: number, declared: number, body: Buffer): Buffer {
  const header = Buffer.alloc(12);
  header[0] = chunkStreamId;
  header.writeUIntBE(declared, 4, 3);
  header[7] = typeId;
  return Buffer.concat([header, body]);
}

function badAmf(random: Random): Buffer {
  const name = encodeAmf0(pick(random, ['connect', 'createStream', 'publish', 'play', 'deleteStream', '']));
  switch (below(random, 5)) {
    case 0:
      return randomBytes(random, below(random, 100));
    case 1:
      // objects in objects, never closed
      return Buffer.concat([
        name,
        Buffer.from('00000000000000000003'.padEnd(20, '0'), 'hex'),
        Buffer.alloc(100, 3),
      ]);
    case 2:
      // a strict array of four thousand million
      return Buffer.concat([name, encodeAmf0(1), Buffer.from('0affffffff05', 'hex')]);
    case 3:
      return Buffer.concat([name, encodeAmf0(1), randomBytes(random, below(random, 60))]);
    default:
      return flipBits(random, encodeAmf0('connect', 1, { app: 'live', tcUrl: 'not a url' }), 0);
  }
}

type Kind =
  | 'flipped'
  | 'flipped-commands'
  | 'random'
  | 'truncated'
  | 'huge'
  | 'amf'
  | 'http'
  | 'disorder'
  | 'publisher'
  | 'player';
const kinds: readonly Kind[] = [
  'flipped',
  'flipped-commands',
  'random',
  'truncated',
  'huge',
  'amf',
  'http',
  'disorder',
  'publisher',
  'player',
];

function blindInput(kind: Exclude<Kind, 'publisher' | 'player'>, random: Random, key: string): Buffer {
  const { commands, media } = honestSession(key);
  const whole = Buffer.concat([handshake, commands, media]);
  switch (kind) {
    case 'flipped':
      return flipBits(random, whole, 0);
    case 'flipped-commands':
      return flipBits(random, whole, handshake.length);
    case 'random': {
      const noise = randomBytes(random, 1 + below(random, 6000));
      return random() < 0.5 ? Buffer.concat([handshake, noise]) : noise;
    }
    case 'truncated':
      return whole.subarray(0, 1 + below(random, whole.length - 1));
    case 'huge': {
      const chunks = Array.from({ length: 1 + below(random, 40) }, () =>
        chunk(
          2 + below(random, 60),
          pick(random, [1, 3, 4, 8, 9, 15, 17, 18, 20, 22, 200]),
          pick(random, [0xffffff, 0x800000, 300_000, 0]),
          randomBytes(random, below(random, 129)),
        ),
      );
      return Buffer.concat([handshake, ...chunks]);
    }
    case 'amf': {
      const body = badAmf(random);
      return Buffer.concat([handshake, chunk(3, pick(random, [17, 18, 20]), body.length, body)]);
    }
    case 'http':
      return Buffer.from(
        `${pick(random, ['POST', 'GET', 'OPTIONS'])} /live/x HTTP/1.1\r\nHost: a\r\n\r\n${'x'.repeat(below(random, 3000))}`,
      );
    case 'disorder': {
      const writer = new ChunkWriter();
      const said = Array.from({ length: 1 + below(random, 12) }, () => {
        const name = pick(random, [
          'connect',
          'createStream',
          'publish',
          'play',
          'deleteStream',
          'FCPublish',
          'pause',
        ]);
        const first = name === 'connect' ? { app: pick(random, ['live', 'x', '']) } : null;
        const payload = encodeAmf0(
          name,
          below(random, 9),
          first,
          pick(random, [key, 'program', 'viewed', '']),
        );
        return writer.write({
          chunkStreamId: 3,
          typeId: 20,
          streamId: below(random, 3),
          timestamp: 0,
          payload: [payload],
        });
      });
      return Buffer.concat([handshake, ...said.flat(), media]);
    }
  }
}

/** Sends bytes in random pieces and waits until the server closes, or has had a moment to think about it. */
async function throwAt(port: number, bytes: Buffer, random: Random): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  for (let at = 0; at < bytes.length;) {
    const length = random() < 0.7 ? bytes.length - at : 1 + below(random, bytes.length - at);
    socket.write(bytes.subarray(at, at + length));
    at += length;
  }
  await giveUp(socket, closed, 15);
}

async function giveUp(socket: Socket, closed: Promise<void>, patienceMs: number): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), patienceMs);
  await closed;
  clearTimeout(timer);
}

/** An accepted publisher or player that then goes mad. */
async function turnMad(
  port: number,
  kind: 'publisher' | 'player',
  key: string,
  random: Random,
): Promise<void> {
  const { client } =
    kind === 'publisher' ? await RtmpClient.publish(port, key) : await RtmpClient.play(port, 'viewed');
  const closed = new Promise<void>((resolve) =>
    client.isClosed ? resolve() : client.socket.once('close', () => resolve()),
  );
  const { media } = honestSession(key);
  client.socket.write(random() < 0.8 ? flipBits(random, media, 0) : randomBytes(random, below(random, 3000)));
  await giveUp(client.socket, closed, 15);
}

export interface FuzzOptions {
  readonly port: number;
  /** of streams that nobody watches; attackers publish with them when they are let in */
  readonly keys: readonly string[];
  readonly count: number;
  readonly seed: number;
  /** connections at a time */
  readonly parallel?: number;
}

/** Throws `count` generated inputs at a server. @returns how many of each kind */
export async function fuzzRtmp(options: FuzzOptions): Promise<Record<string, number>> {
  const { port, keys, count, seed } = options;
  const done: Record<string, number> = {};
  let next = 0;
  // One publisher a key: these take turns, everything else comes at once.
  const publishing = new Map<string, Promise<void>>();
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const random = seededRandom(seed + index);
      const kind = pick(random, kinds);
      const key = keys[index % keys.length]!;
      if (kind === 'publisher') {
        const turn = (publishing.get(key) ?? Promise.resolve()).then(() => turnMad(port, kind, key, random));
        publishing.set(key, turn);
        await turn;
      } else if (kind === 'player') await turnMad(port, kind, key, random);
      else await throwAt(port, blindInput(kind, random, key), random);
      done[kind] = (done[kind] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: options.parallel ?? 48 }, worker));
  return done;
}
