import { describe, expect, it } from 'vitest';
import {
  ClientHandshake,
  handshakeBytes,
  handshakeRandomBytes,
} from '../../electron/streaming/media/rtmp-handshake';

const random = Buffer.alloc(handshakeRandomBytes, 7);

describe('RTMP client handshake', () => {
  it.each([[1], [100], [1537], [10_000]])(
    'answers S1 with its echo and hands on what follows, cut at %i',
    (cut) => {
      const handshake = new ClientHandshake(random);
      expect([...handshake.hello.subarray(0, 9)]).toEqual([3, 0, 0, 0, 0, 0, 0, 0, 0]);
      expect(handshake.hello.length).toBe(1 + handshakeBytes);
      const s1 = Buffer.from(Array.from({ length: handshakeBytes }, (_, index) => index % 251));
      const input = Buffer.concat([Buffer.of(3), s1, Buffer.alloc(handshakeBytes, 9), Buffer.from('chunks')]);
      const replies: Uint8Array[] = [];
      const rests: Uint8Array[] = [];
      for (let at = 0; at < input.length; at += cut) {
        const step = handshake.push(input.subarray(at, at + cut));
        replies.push(step.reply);
        rests.push(step.rest);
      }
      expect(Buffer.concat(replies).equals(s1)).toBe(true);
      expect(Buffer.concat(rests).toString()).toBe('chunks');
      expect(handshake.isDone).toBe(true);
    },
  );

  it('refuses a peer that speaks something else', () => {
    expect(() => new ClientHandshake(random).push(Buffer.from('HTTP/1.1 400'))).toThrow(RangeError);
    expect(() => new ClientHandshake(Buffer.alloc(3))).toThrow(RangeError);
  });
});
