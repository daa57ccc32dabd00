import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DeviceLookout } from '../../renderer/client/device-lookout';

let asked: string[] = [];
const client = {
  call: (command: string) => {
    asked.push(command);
    return Promise.reject(new Error('the connection was lost'));
  },
};

beforeEach(() => {
  asked = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

it('has the engine look at once and again before its minute is over, once for all, as long as any is shown', async () => {
  const lookout = new DeviceLookout(client);
  const first = lookout.begin();
  const second = lookout.begin();
  expect(asked).toEqual(['devices.refresh']);
  first();
  first();
  // A failed one keeps nobody from asking again.
  await vi.advanceTimersByTimeAsync(59_000);
  expect(asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(3);
  second();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(asked).toHaveLength(3);
  lookout.begin()();
  expect(asked).toHaveLength(4);
});
