import { EventEmitter } from 'node:events';
import { setImmediate as immediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { UncaughtFaults } from '../../electron/studio/uncaught-faults';
import { silentLogger } from '../../electron/streaming/lib/logger';
import type { Logger } from '../../electron/streaming/lib/logger';

function bench(): {
  process: EventEmitter;
  told: unknown[];
  ended: () => Promise<unknown>;
  at: (ms: number) => void;
} {
  const process = new EventEmitter();
  const told: unknown[] = [];
  const logger: Logger = Object.assign(Object.create(silentLogger) as Logger, {
    error: ({ err }: { err: unknown }) => void told.push(err),
  });
  let nowMs = 0;
  const faults = new UncaughtFaults(process, logger, () => nowMs);
  return {
    process,
    told,
    ended: () => Promise.race([faults.tooMany.catch((error: unknown) => error), immediate('goes on')]),
    at: (ms) => (nowMs = ms),
  };
}

describe('what nobody caught', () => {
  it('is told, and ends nothing, however often it comes now and then', async () => {
    const { process, told, ended, at } = bench();
    const error = new RangeError('arena: no room');
    for (let count = 0; count < 100; count += 1) {
      at(count * 1200);
      process.emit('uncaughtException', error);
    }
    expect(told).toHaveLength(100);
    expect(told[0]).toBe(error);
    expect(await ended()).toBe('goes on');
  });

  it('ends the engine, which is begun anew, when it comes thick and fast', async () => {
    const { process, ended, at } = bench();
    for (let count = 0; count < 9; count += 1) {
      at(1000 + count * 16);
      process.emit('uncaughtException', new Error(`fault ${count}`));
    }
    expect(await ended()).toBe('goes on');
    process.emit('uncaughtException', 'the last straw');
    expect(await ended()).toEqual(new Error('the last straw'));
  });
});
