import { expect, it } from 'vitest';
import {
  drainMs,
  engineStopMs,
  lastPacketsMs,
  launcherKillMs,
  outputStopMs,
} from '../../electron/streaming/lib/stop-limits';

it('every layer gives up before the one around it, and a stop takes less than 5 s', () => {
  expect(drainMs).toBeLessThan(outputStopMs);
  // In the engine one comes after the other.
  expect(drainMs + lastPacketsMs + outputStopMs).toBeLessThan(engineStopMs);
  expect(engineStopMs).toBeLessThan(launcherKillMs);
  expect(launcherKillMs).toBeLessThan(5000);
});
