import { expect, it } from 'vitest';
import { codedForms } from '../../electron/streaming/output/coded-stream';
import type { CodedPicture } from '../../electron/streaming/output/coded-stream';

/** An FLV file of pictures with these times (FLV 10.1, annex E): 31 bits of milliseconds. */
function flv(timesMs: readonly number[]): Buffer {
  const tags = timesMs.map((ms) => {
    const body = Buffer.from([0x17, 1, 0, 0, 2, 0, 0, 0, 1, 0x65]);
    const tag = Buffer.alloc(11 + body.length + 4);
    tag[0] = 9;
    tag.writeUIntBE(body.length, 1, 3);
    tag.writeUIntBE(ms & 0xffffff, 4, 3);
    tag[7] = (ms >>> 24) & 0x7f;
    body.copy(tag, 11);
    return tag;
  });
  return Buffer.concat([Buffer.from('464c5601010000000900000000', 'hex'), ...tags]);
}

it('goes on when FLV runs out of milliseconds', () => {
  const pictures: CodedPicture[] = [];
  const stream = codedForms.h264.open(
    { onConfig: () => undefined, onPicture: (picture) => pictures.push(picture) },
    50,
  );
  const wrap = 2 ** 31;
  stream.push(flv([wrap - 40, wrap - 20, 0, 20].map((ms) => ms % wrap)));
  expect(pictures.map(({ dtsMs, ptsMs }) => [dtsMs - wrap, ptsMs - dtsMs])).toEqual([
    [-40, 2],
    [-20, 2],
    [0, 2],
    [20, 2],
  ]);
  expect(pictures[0]).toMatchObject({ isKeyframe: true, isDisposable: false });
});

it('refuses the pictures of another codec', () => {
  const ignore = { onConfig: () => undefined, onPicture: () => undefined };
  const ivf = Buffer.alloc(32 + 12 + 3);
  ivf.write('DKIF');
  ivf.writeUInt16LE(32, 6);
  ivf.write('VP80', 8);
  ivf.writeUInt32LE(30, 16);
  ivf.writeUInt32LE(1, 20);
  ivf.writeUInt32LE(3, 32);
  ivf[44] = 0x11;
  expect(() => codedForms.vp9.open(ignore, 30).push(ivf)).toThrow(/expected VP90, found VP80/);
  expect(() => codedForms.vp8.open(ignore, 30).push(ivf)).not.toThrow();
  expect(() => codedForms.h264.open(ignore, 30).push(ivf)).toThrow(RangeError);
});
