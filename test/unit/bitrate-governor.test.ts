import { describe, expect, it } from 'vitest';
import { BitrateGovernor } from '../../electron/streaming/output/bitrate-governor';

const soundKbps = 160;
const targetKbps = 6000;
const stepMs = 50;

interface Second {
  readonly sec: number;
  readonly kbps: number;
  readonly lagMs: number;
}

/**
 * A path that carries so many kbit/s, a queue before it, and an encoder whose rate changes when a hand-over is done:
 * 1.5 to 3.5 s after it was asked for, at a keyframe of the grid.
 */
function run(capacity: (sec: number) => number, seconds: number): { log: Second[]; steps: number } {
  const governor = new BitrateGovernor({ targetKbps, soundKbps });
  let [waitingBits, arrivedBits, kbps, steps] = [0, 0, targetKbps, 0];
  /** media that waits, oldest first: what was sent at which rate */
  let pending: { atMs: number; kbps: number } | null = null;
  const queue: { bits: number; sentMs: number }[] = [];
  const log: Second[] = [];
  for (let nowMs = 0; nowMs < seconds * 1000; nowMs += stepMs) {
    if (pending && nowMs >= pending.atMs) {
      kbps = pending.kbps;
      governor.changed(nowMs, kbps);
      pending = null;
    }
    // Keyframes take a tenth of what two seconds have, at once.
    const isKey = nowMs % 2000 === 0;
    const bits = (isKey ? kbps * 200 : (kbps * 0.9 * 2000) / (2000 / stepMs - 1)) + soundKbps * stepMs;
    queue.push({ bits, sentMs: nowMs });
    waitingBits += bits;
    let carried = Math.min(waitingBits, capacity(nowMs / 1000) * stepMs);
    arrivedBits += carried;
    waitingBits -= carried;
    while (queue[0] && carried > 0) {
      const taken = Math.min(carried, queue[0].bits);
      carried -= taken;
      queue[0] = { ...queue[0], bits: queue[0].bits - taken };
      if (queue[0].bits <= 0) queue.shift();
    }
    const lagMs = queue[0] ? nowMs - queue[0].sentMs : 0;
    // The packet queue drops everything up to a keyframe past a second.
    if (lagMs > 1000) {
      queue.length = 0;
      waitingBits = 0;
    }
    if (nowMs % 250 === 0) {
      const reading = { id: 'far', atMs: nowMs, congestionMs: lagMs };
      const step = governor.look(nowMs, [
        { ...reading, arrivedBytes: arrivedBits / 8, outstandingBytes: waitingBits / 8 },
      ]);
      if (step) {
        steps++;
        pending = { atMs: Math.ceil((nowMs + 1500) / 2000) * 2000, kbps: step.kbps };
      }
    }
    if (nowMs % 1000 === 0) log.push({ sec: nowMs / 1000, kbps, lagMs });
  }
  return { log, steps };
}

describe('BitrateGovernor', () => {
  it('leaves a path alone that is just wide enough, keyframes and all', () => {
    const { log, steps } = run(() => 6600, 120);
    expect(steps).toBe(0);
    expect(log.at(-1)?.kbps).toBe(targetKbps);
  });

  it.each([1.2, 2, 3, 4.5])('6 → %d → 6 Mbit/s: settles, stays in time, and comes back', (narrow) => {
    const capacity = (sec: number): number => (sec >= 10 && sec < 60 ? narrow * 1000 : 6600);
    const { log } = run(capacity, 110);
    const between = (from: number, to: number): Second[] => log.filter(({ sec }) => sec > from && sec <= to);
    // What it settles at fits, and uses most of what there is.
    const floor = targetKbps * 0.3;
    for (const { kbps, lagMs } of between(20, 60)) {
      expect(lagMs).toBeLessThanOrEqual(1000);
      if (narrow > 2) expect(kbps).toBeGreaterThanOrEqual(narrow * 550);
      expect(kbps).toBeLessThanOrEqual(Math.max(floor * 1.25, narrow * 1250));
    }
    // Back within 30 s of the path being wide again, and there it stays.
    for (const { kbps } of between(90, 110)) expect(kbps).toBe(targetKbps);
  });

  it('follows who has asked for it, and gives up on whom the least does not help', () => {
    const governor = new BitrateGovernor({ targetKbps, soundKbps });
    let nowMs = 0;
    const steps: number[] = [];
    for (; nowMs < 40_000; nowMs += 250) {
      const stuck = {
        id: 'stuck',
        atMs: nowMs,
        congestionMs: 900,
        arrivedBytes: nowMs,
        outstandingBytes: 500_000,
      };
      const calm = {
        id: 'calm',
        atMs: nowMs,
        congestionMs: 0,
        arrivedBytes: nowMs * 800,
        outstandingBytes: 0,
      };
      const step = governor.look(nowMs, [stuck, calm]);
      if (!step) continue;
      steps.push(step.kbps);
      governor.changed(nowMs + 250, step.kbps);
    }
    expect(Math.min(...steps)).toBe(1800);
    expect(governor.isHopeless('stuck')).toBe(true);
    expect(governor.isHopeless('calm')).toBe(false);
    // It no longer holds the other down.
    expect(governor.currentKbps).toBe(targetKbps);
  });

  const reading = (id: string, nowMs: number, congestionMs: number, kbps: number) => ({
    ...{ id, atMs: nowMs, congestionMs },
    ...{ arrivedBytes: (nowMs * kbps) / 8, outstandingBytes: congestionMs > 0 ? 500_000 : 0 },
  });

  it('climbs again when the one that was too slow is away for long, and not while it reconnects', () => {
    const governor = new BitrateGovernor({ targetKbps, soundKbps });
    const rates: number[] = [];
    for (let nowMs = 0; nowMs < 60_000; nowMs += 250) {
      const isLive = nowMs < 10_000 || (nowMs > 12_000 && nowMs < 20_000);
      const step = governor.look(nowMs, isLive ? [reading('far', nowMs, 700, 2000)] : []);
      if (step) governor.changed(nowMs + 250, step.kbps);
      if (nowMs % 1000 === 0) rates.push(governor.currentKbps);
    }
    expect(rates.slice(5, 30)).toEqual(rates.slice(5, 30).map(() => 1800));
    expect(rates.at(-1)).toBe(targetKbps);
  });

  it('does not let one hold the others down whose connection breaks again and again', () => {
    const governor = new BitrateGovernor({ targetKbps, soundKbps });
    const rates: number[] = [];
    for (let nowMs = 0; nowMs < 90_000; nowMs += 250) {
      // Accepted, stuck for four seconds, reset, three seconds until it is tried again.
      const isLive = nowMs % 7000 < 4000;
      const calm = { ...reading('calm', nowMs, 0, 6000) };
      const step = governor.look(
        nowMs,
        isLive ? [{ ...reading('stuck', nowMs, 900, 0), arrivedBytes: 0 }, calm] : [calm],
      );
      if (step) governor.changed(nowMs + 250, step.kbps);
      if (nowMs % 1000 === 0) rates.push(governor.currentKbps);
    }
    expect(governor.isHopeless('stuck')).toBe(true);
    expect(rates.at(-1)).toBe(targetKbps);
  });

  it('asks for one step at a time', () => {
    const governor = new BitrateGovernor({ targetKbps, soundKbps });
    const at = (nowMs: number) =>
      governor.look(nowMs, [
        { id: 'far', atMs: nowMs, congestionMs: 800, arrivedBytes: nowMs * 250, outstandingBytes: 400_000 },
      ]);
    expect(at(0)).toBeNull();
    expect(at(250)).toBeNull();
    // Two megabits arrive in a second: 0.8 of them less the sound.
    expect(at(500)).toEqual({ kbps: 1800, cause: 'congested', id: 'far' });
    expect(at(750)).toBeNull();
    governor.changed(3000, targetKbps);
    // It failed: asked for again once it can be seen whether it still is needed.
    expect(at(3500)).toBeNull();
    expect(at(4250)).toBeNull();
    expect(at(4750)?.kbps).toBe(1800);
  });
});
