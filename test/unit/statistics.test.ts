import { describe, expect, it } from 'vitest';
import { FrameTimes } from '../../electron/studio/frame-times';
import { Percentiles } from '../../electron/streaming/lib/percentiles';
import { Rate } from '../../electron/streaming/lib/rate';
import { Metrics, TotalFollower } from '../../electron/streaming/metrics';

describe('Percentiles', () => {
  it('gives nothing before the first value and exact tenths after', () => {
    const durations = new Percentiles();
    expect(durations.quantile(0.5)).toBeNull();
    expect(durations.mean).toBeNull();
    for (let value = 1; value <= 100; value += 1) durations.add(value);
    expect(durations.quantile(0.5)).toBe(50);
    expect(durations.quantile(0.99)).toBe(99);
    expect(durations.quantile(1)).toBe(100);
    expect(durations.mean).toBe(50.5);
    durations.add(-3);
    expect(durations.quantile(0)).toBe(0);
    durations.add(1e9);
    expect(durations.quantile(1)).toBe(10_000);
  });
});

describe('Rate', () => {
  it('forgets what is older than its window', () => {
    const rate = new Rate(1000);
    for (let at = 0; at < 1000; at += 100) rate.add(2, at);
    expect(rate.perSecond(999)).toBe(20);
    expect(rate.perSecond(1450)).toBe(10);
    expect(rate.perSecond(5000)).toBe(0);
  });
});

describe('FrameTimes', () => {
  it('finds the tick of a frame and of a timestamp, and forgets the long ago', () => {
    const times = new FrameTimes();
    times.ticked(5, 1000);
    times.encoded(83, 5);
    expect(times.tickUs(5)).toBe(1000);
    expect(times.tickUsOfTimestamp(83)).toBe(1000);
    expect(times.tickUsOfTimestamp(84)).toBeNull();
    times.ticked(5 + 4096, 2000);
    expect(times.tickUs(5)).toBeNull();
  });
});

describe('Metrics', () => {
  it('exposes the promised names', async () => {
    const { text } = await new Metrics().text();
    for (const name of [
      'rtmp_connections_total',
      'rtmp_active_streams',
      'rtmp_bandwidth_bytes',
      'rtmp_errors_total',
      'encoder_fps',
      'encoder_bitrate',
      'encoder_queue_size',
      'encoder_dropped_frames',
      'encoder_rtmp_latency',
    ]) {
      expect(text).toMatch(new RegExp(`^# TYPE ${name} `, 'm'));
    }
  });

  it('a counter follows a total, also over a restart of whoever counts', () => {
    let counted = 0;
    const follower = new TotalFollower((by) => (counted += by));
    for (const total of [3, 3, 10, 2, 4]) follower.follow(total);
    expect(counted).toBe(14);
  });
});
