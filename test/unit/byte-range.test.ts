import { describe, expect, it } from 'vitest';
import { byteRange } from '../../electron/streaming/lib/byte-range';
import { RecordingTickets } from '../../electron/studio/recording-tickets';

describe('a range of bytes', () => {
  it.each([
    ['bytes=0-', 0, 999],
    ['bytes=0-0', 0, 0],
    ['bytes=999-', 999, 999],
    ['bytes=10-19', 10, 19],
    ['bytes=990-5000', 990, 999],
    ['bytes=-1', 999, 999],
    ['bytes=-5000', 0, 999],
    [' bytes=5-6 ', 5, 6],
  ])('%s of 1000', (header, start, end) => {
    expect(byteRange(header, 1000)).toEqual({ start, end });
  });

  it.each(['bytes=1000-', 'bytes=5000-6000', 'bytes=-0'])('%s of 1000 is none of it', (header) => {
    expect(byteRange(header, 1000)).toBe('unsatisfiable');
  });

  it.each([undefined, '', 'bytes=-', 'bytes=9-1', 'bytes=0-1,5-6', 'items=0-1', 'bytes=a-b', 'bytes=0x1-'])(
    '%s is as none at all',
    (header) => expect(byteRange(header, 1000)).toBe('whole'),
  );

  it('of nothing there is none', () => {
    expect(byteRange('bytes=0-', 0)).toBe('unsatisfiable');
    expect(byteRange('bytes=-5', 0)).toBe('unsatisfiable');
    expect(byteRange(undefined, 0)).toBe('whole');
  });
});

describe('a ticket', () => {
  const file = (id: string) => ({ id, path: `/films/${id}.mp4`, bytes: null, contentType: 'video/mp4' });
  const minute = 60_000;

  it('is good for its own recording, for as long as it is used', () => {
    let nowMs = 0;
    const tickets = new RecordingTickets(() => nowMs);
    const secret = tickets.issue(file('a'));
    expect(secret).toMatch(/^[\w-]{43}$/);
    tickets.issue(file('b'));
    expect(tickets.use('b', secret)).toBeNull();
    expect(tickets.use('a', '')).toBeNull();
    for (nowMs = 0; nowMs < 100 * minute; nowMs += 29 * minute)
      expect(tickets.use('a', secret)).toEqual(file('a'));
    nowMs += 2 * minute;
    expect(tickets.use('a', secret)).toBeNull();
  });

  it('gives way to others once there are many, if it was not used for longest', () => {
    const tickets = new RecordingTickets(() => 0);
    const [first, second] = [tickets.issue(file('a')), tickets.issue(file('b'))];
    for (let index = 0; index < 30; index++) tickets.issue(file('c'));
    expect(tickets.use('a', first)).not.toBeNull();
    tickets.issue(file('c'));
    expect(tickets.use('b', second)).toBeNull();
    expect(tickets.use('a', first)).not.toBeNull();
  });
});
