import { describe, expect, it } from 'vitest';
import { tellDesktop } from '../../renderer/desktop-bridge';
import { createStudioStore } from '../../renderer/store/studio-store';
import { believableSnapshot } from '../support/contract-peer-state';

describe('the desktop shell', () => {
  it('is told when something goes on air or ends, once each, for streams and recordings', () => {
    const store = createStudioStore();
    const told: boolean[] = [];
    const end = tellDesktop(store, { setLive: (isLive) => told.push(isLive), retryEngine: () => undefined });
    const idle = {
      state: 'idle',
      path: null,
      since: null,
      bytes: 0,
      error: null,
      freeBytes: 123_000_000_000,
      silentFolder: null,
      alarm: null,
    } as const;
    store.setSnapshot({ ...believableSnapshot(0), live: { isLive: false, since: null }, recording: idle });
    store.setSlice('live', { isLive: true, since: 5 });
    store.setSlice('recording', { ...idle, state: 'recording', since: 6 });
    store.setSlice('live', { isLive: false, since: null });
    expect(told).toEqual([false, true]);
    store.setSlice('recording', idle);
    expect(told).toEqual([false, true, false]);
    end();
    store.setSlice('live', { isLive: true, since: 9 });
    expect(told).toHaveLength(3);
  });

  it('is not needed: a browser has none', () => {
    expect(() => tellDesktop(createStudioStore(), undefined)()).not.toThrow();
  });
});
