import { expect, it } from 'vitest';
import { Metrics } from '../../electron/streaming/metrics';
import { Statistics } from '../../electron/studio/statistics';
import { Usage } from '../../electron/studio/usage';

it('counts as composing only what was composed: no repeated picture, and none that found no buffer', () => {
  const none = { rtmp: [], encoder: [], sources: [] };
  const statistics = new Statistics(new Metrics(), new Usage(() => none), () => 0);
  const frame = {
    tickUs: 0,
    isLagged: false,
    data: new Uint8Array(6),
    composeMs: 4,
    release: () => undefined,
  };
  statistics.frame({ ...frame, index: 0 });
  statistics.frame({ ...frame, index: 1, isLagged: true, composeMs: 0 });
  statistics.frame({ ...frame, index: 2, data: null, composeMs: 0 });
  statistics.frame({ ...frame, index: 3, composeMs: 6 });
  expect(statistics.composeMs.count).toBe(2);
  expect(statistics.composeMs.mean).toBe(5);
});
